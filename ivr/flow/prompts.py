"""The words of a site: what callers hear wherever a step has none of its own.

Each is a template. What it may read besides the fields of the call stands in ``words.OF_PROMPTS``.
"""

from __future__ import annotations

from ivr.flow.kinds import Shape, Texts


class SitePrompts(Shape):
    """Words used wherever a step has none of its own. Those of a default may be left out."""

    no_input: Texts
    no_match: Texts
    help: str
    filler: str
    """While the company's data takes long."""
    lookup_failed: str
    transfer: str
    """Before waiting for a person; ``queue`` is the queue's name."""
    place: str
    """The caller's place in line; ``position`` and ``ahead``."""
    wait: str
    """Now and then between the music."""
    too_many_misses: str
    """Before a person, when the machine did not understand often enough."""
    too_long: str
    """After an utterance that was cut at its longest length."""
    resumed: str
    """First words after the line broke on our side."""
    cannot_help: str
    """Before the fallback number is dialled."""
    nothing_before: str
    """When the caller wants to go back and there is no step before."""
    goodbye: str
    started_over: str = "All right, let's start over."
    """When the caller starts over; what was answered before is forgotten."""
    did_you_mean: str = "I understood: {{ choice }}. Is that right?"
    """After words that were not clear; ``choice`` is what they seem to mean."""
    understood: str = "I understood: {{ choice }}."
    """After a free sentence that was not quite clear, on the way to a question that can still be left."""
    did_you_say: str = "I heard {{ value }}. Is that right?"
    """After a value that was not quite clear, or has to be confirmed; ``value`` as one says it, digits in groups."""
    say_yes: str = "yes"
    say_no: str = "no"
    """How the values of yes and no are said back."""
    noted: str = "{{ value }}."
    """A value that was taken, in passing, before the next question."""
    corrected: str = "All right, {{ value }}."
    """As ``noted``, where it takes the place of another."""
    misheard: str = "Sorry, I misheard."
    """When the caller has called a value wrong, before the question is asked again."""
    not_known: str = "I'm sorry, I can't find that."
    """After a value that the company's data does not have (``exists``)."""
    out_of_range: str = (
        "I'm sorry, it has to be {% if least and most %}from {{ least }} to {{ most }}"
        "{% elif least %}{{ least }} or more{% else %}{{ most }} or less{% endif %}."
    )
    """After a number or an amount below ``least`` or above ``most``; each is empty where there is no such bound."""
    out_of_days: str = (
        "I'm sorry, it has to be {% if least and most %}from {{ least }} to {{ most }}"
        "{% elif least %}{{ least }} or later{% else %}{{ most }} or earlier{% endif %}."
    )
    """The same after a day or a time of day."""
    what_to_change: str = "What shall I change: {{ fields | listing('or') }}?"
    """When what a form read back is wrong; ``fields`` are the labels of its fields."""
    wrong_digits: str = "That number can't be right, one digit must be off."
    """After digits whose check digit is wrong."""
    keys_help: str = (
        "You can also key it in. Star takes back the last digit, star twice begins again, and hash ends it."
    )
    """Added to the help of every step that collects digits."""
    keys_number: str = "You can also key it in, with star for the point and hash at the end."
    keys_money: str = "You can also key in the amount, with star for the point and hash at the end."
    keys_date: str = "You can also key in the day and the month, two digits each."
    keys_time: str = "You can also key in the time with four digits, such as one seven three zero."
    keys_phone: str = "You can also key in the number, with hash at the end."
    keys_yes_no: str = "You can also press one for yes, or two for no."
    key_choice: str = "Press {{ key | number }} for {{ choice }}."
    """Each option of a choice; ``choice`` is the first way to say it."""
    no_keys: str = "This can't be keyed in, so please say it."
    """How a field is keyed, by its type: part of its help, and said once a value was not understood twice."""
    upset: str = "I'm sorry. I can hear that this is frustrating, so I'm getting you a person right away."
    """Before a person, for a caller who is upset."""
    mood_notice: str = "Your words and your tone of voice tell me when you need a person."
    """Said once, before the first question, where the site listens for a raised voice (``mood: { voice: on }``)."""

    expected_wait: str = (
        "{% if wait_high <= 1 %}It should take about a minute."
        '{% elif wait_low < 1 %}It should take up to {{ wait_high | count("minute") }}.'
        '{% elif wait_low == wait_high %}It should take about {{ wait_high | count("minute") }}.'
        '{% else %}It should take {{ wait_low | number }} to {{ wait_high | count("minute") }}.{% endif %}'
    )
    """How long it will take, as a range in minutes: ``wait_low`` and ``wait_high``."""
    while_you_wait: str = (
        "To be called back instead, say call me back, or press one. To leave a message, press two."
    )
    """What a waiting caller can do, said now and then."""
    found_someone: str = "I've found someone. Their phone is ringing."
    still_looking: str = "They can't take it just now. You keep your place, and I'm trying the next person."
    """When the person whose phone rang did not take the call."""
    moved: str = "I've moved you to {{ queue }}. The time you have waited counts there too."
    """When the caller stands in another queue now."""
    nobody_in: str = "Just now nobody is at their desk for {{ queue }}."
    long_wait: str = "I'm sorry, this is taking longer than it should."
    closed: str = "I'm sorry, {{ queue }} is closed just now."
    full: str = "I'm sorry, all lines to {{ queue }} are taken."
    unanswered: str = "I'm sorry, I haven't reached anybody yet."
    """Why a callback or a message is offered: each before ``offer_callback`` or ``offer_message``."""
    offer_callback: str = "Shall we call you back instead? Say yes or press one. If not, you keep your place."
    offer_message: str = (
        "Would you like to leave a message? Say yes or press one. If not, you keep your place."
    )
    keep_place: str = "All right, you keep your place in line."

    callback_number: str = (
        "We'll call you back on {{ number | digits }}. Is that right? Say yes or press one, no or press two."
    )
    which_number: str = "Which number shall we call? Please key it in with its area code, then press hash."
    number_refused: str = "I'm sorry, we can't call that number."
    callback_booked: str = (
        "That's arranged. We'll call you on {{ number | digits }}, and you haven't lost your place in line."
    )
    callback_already: str = "A call to that number is arranged already."
    callback_failed: str = "I'm sorry, I couldn't arrange that. You keep your place in line."
    record_message: str = "Please say your message now. When you're done, press hash, or just be quiet."
    message_kept: str = "Thank you, I've kept your message. Someone will deal with it."
    message_empty: str = "I'm sorry, I have no message. You keep your place in line."
    """When nothing was recorded, or it could not be kept."""

    called_back: str = (
        "Hello, this is {{ company }}. We're calling you back, as you asked"
        "{% if about %}, about {{ about }}{% endif %}. "
        "To speak to someone now, say yes or press one. If now is no good time, say no or press two."
    )
    """First words of a callback; ``about`` is what the caller had wanted, by its label."""
    call_again: str = "Shall we call again later? Say yes or press one. To cancel, say no or press two."
    called_later: str = "All right, we'll call again later. Goodbye."
    callback_cancelled: str = "All right, we won't call again. Goodbye."
    nobody_answered: str = "I can't hear anybody, so we'll call again later. Goodbye."

    connecting: str = "One moment, I'm connecting you."
    """When the way to a person who has accepted takes long."""
    not_connected: str = "I'm sorry, that didn't work. You keep your place, and I'm trying again."
    """When there was no way to a person who had accepted."""
    agent_lost: str = "I'm sorry, the line to my colleague broke. You're first in line again."
    """When the person was lost, or never came."""
