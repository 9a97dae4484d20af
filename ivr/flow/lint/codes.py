"""Every kind of finding by its short stable name: what it means in a few words, and whether flows run with it.

The manual's page ``lint.md`` says of each what to do.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of finding."""

    meaning: str
    is_warning: bool = False


def _warnings(**meanings: str) -> dict[str, Code]:
    return {name.replace("_", "-"): Code(meaning, is_warning=True) for name, meaning in meanings.items()}


def _faults(**meanings: str) -> dict[str, Code]:
    return {name.replace("_", "-"): Code(meaning) for name, meaning in meanings.items()}


CODES = {
    **_faults(
        alias="A reference (& or *) in place of a value.",
        brackets="Brackets that do not pair, or a text that begins with one and stands without quotes.",
        character="A character that no text should hold.",
        colon="A colon too many, or one missing.",
        documents="A second document in a file.",
        duplicate_flow="Two files with the same flow.",
        duplicate_key="The same key twice.",
        encoding="A file that is not UTF-8.",
        ending="A file that ends in .yml.",
        escape="A backslash in double quotes.",
        file="Something in the folder that is no readable file.",
        folder="No such folder.",
        indentation="A line that does not fit the ones above it.",
        link="A link that leads out of the folder.",
        no_site="No site.yaml.",
        quote="A quote that is never closed, or a text that needs quotes.",
        tab="A tab.",
        tag="A tag (!) before a value.",
        too_big="A file, a line, or all of them, larger than any flow.",
        too_deep="Nesting deeper than any flow.",
    ),
    **_faults(
        bounds="A length or bounds that nothing can fit.",
        choices_of="Choices borrowed from a step that has none of its own.",
        command_phrase="A phrase that is a command everywhere.",
        country="No calling code of a country.",
        empty="Nothing written where words or a value belong.",
        hours="No span of hours, or no day.",
        key="No key of a telephone.",
        missing_key="A key that must be there.",
        name="A name that is none.",
        no_phrase="Nothing that callers could say or key.",
        no_question="A form that asks nothing.",
        no_verb="A step that does not say what it does.",
        no_way_out="Steps from which the call never ends.",
        options="A choice with fewer than two options.",
        overflow="Queues that overflow into themselves or in a circle.",
        overlay="Words of another language that fit nothing in the main one.",
        parameter="A look-up given other parameters than it takes.",
        reserved_key="A key that means something else in every step.",
        reserved_name="A name that means something else.",
        same_key="One key for two choices.",
        same_phrase="One phrase for two things.",
        secret="A secret in words that are said or shown.",
        silent_loop="Steps that go round without hearing the caller.",
        template="Words or a condition that cannot be read.",
        time_zone="No such time zone.",
        two_verbs="Two verbs in a step.",
        type="Another kind of value than belongs there.",
        unknown_field="A field that the answer, or the flow, does not have.",
        unknown_flow="No such flow.",
        unknown_hours="No such opening hours.",
        unknown_key="No such key.",
        unknown_language="A language that the site does not speak.",
        unknown_look_up="No such look-up.",
        unknown_name="A name in words or a condition that nothing sets.",
        unknown_queue="No such queue.",
        unknown_step="No such step.",
        unreachable="A step that nothing leads to.",
        value="A value that is not one of those there are.",
    ),
    **_faults(
        http_address="No address of a web service.",
        http_header="A header that cannot be sent.",
        http_method="A wrong method, or a body where none belongs.",
        look_up_changes="A look-up that changes something without saying so, or is asked again.",
        look_up_field="A field without a source.",
        look_up_source="Both or neither of sql and http.",
        sql_statement="Not one plain statement.",
        unknown_kind="No such kind of value.",
        unknown_parameter="A parameter that is used and not named.",
        unused_parameter="A parameter that is named and not used.",
    ),
    **_faults(
        host_not_allowed="A web service that the settings do not allow.",
        sql_error="A statement that the database does not understand.",
        unknown_column="A column that the statement does not give.",
        unknown_database="A database that the settings do not name.",
        unknown_secret="A secret of a look-up that is not set.",
    ),
    **_warnings(
        cannot_interrupt="A long question that callers cannot interrupt.",
        dead_key="A key that the words name and that does nothing.",
        endless_silence="A caller who put the telephone down is asked for ever.",
        few_phrases="A choice of an open question with hardly any phrases.",
        fixed_zone="A time zone without summer time.",
        hurried="A timer shorter than people take.",
        keys_only="A choice that cannot be said.",
        may_be_unset="A field that is read on a way on which nobody has set it.",
        needs_itself="A step that needs what its own flow is to prove.",
        no_confirmation="Something is changed without a yes.",
        no_consent="Something is remembered without a yes.",
        no_free_exit="A way out only for those who say nothing.",
        no_identify="A step that needs a known caller, and no way to become known.",
        no_key="A choice without a key where others have one.",
        no_of="A value is asked for again and not forgotten.",
        no_person="Key 0 fetches nobody.",
        prompt_too_long="Words that take more than 20 seconds.",
        proves_nothing="A flow that should identify callers and proves nothing.",
        run_circle="Flows that run one another.",
        same_again="The same words after every miss.",
        same_way="Ways apart that lead to the same step.",
        secret_in_address="A secret in the address of a web service.",
        too_many_options="More than five options at once.",
        too_many_tries="A caller asked too often before a person.",
        translation_missing="Words that another language lacks.",
        unmasked_secret="A field that looks secret and is not marked so.",
        unused_flow="A flow that no call comes to.",
        unused_hours="Opening hours that nothing uses.",
        unused_language="A language that nothing leads to.",
        unused_queue="A queue that nothing leads to.",
        wrong_key="A key that does something else than the words say.",
    ),
    **_warnings(
        no_database="A database that does not answer, so that a statement was not checked.",
        cannot_be_heard="Words that the recogniser does not know.",
        no_ears_for_language="A language without a recogniser.",
        no_voice_for_language="A language without a voice.",
        sounds_alike="Options that sound alike.",
        unknown_word="A word that the recogniser does not know.",
    ),
}
