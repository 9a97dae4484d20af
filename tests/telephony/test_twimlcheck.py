"""The checker itself: right documents pass, each wrong one is flagged for its own fault and nothing else."""

import pytest
from twimlcheck import FACTS, check_twiml


def response(inner: str) -> str:
    return f"<Response>{inner}</Response>"


RIGHT = [
    "",
    '<Connect action="/after"><Stream url="wss://h/m" track="inbound_track"/></Connect><Hangup/>',
    '<Start><Stream url="wss://h/m" track="both_tracks"/></Start><Pause length="60"/>',
    '<Gather input="dtmf speech" numDigits="1" action="/k"><Say voice="Polly.Amy">Press one</Say></Gather>'
    "<Redirect>/again</Redirect>",
    '<Dial answerOnBridge="true"><Number statusCallbackEvent="initiated ringing" url="/screen">+15005550006'
    "</Number><Client>anna</Client></Dial>",
    '<Dial><Conference beep="onEnter" startConferenceOnEnter="false" jitterBufferSize="small" '
    'participantLabel="agent">room</Conference></Dial>',
    '<Say>Say it <emphasis level="strong">now</emphasis><break time="1s"/></Say>',
    '<Enqueue waitUrl="/wait">support</Enqueue>',
]

WRONG = {
    "not XML": "<Say>a & b</Say>",
    "<Shout> may not stand in ": "<Shout>a</Shout>",
    "<Stream> may not stand in ": '<Stream url="wss://h/m"/>',
    "<Redirect> may not stand in <Gather>": "<Gather><Redirect>/a</Redirect></Gather>",
    "<Dial> has no attribute callerID": '<Dial callerID="+1">+15005550006</Dial>',
    "is not ConferenceBeep": '<Dial><Conference beep="nonsense">r</Conference></Dial>',
    "is not boolean": '<Dial><Conference startConferenceOnEnter="yes">r</Conference></Dial>',
    "is not NumberEvent[]": '<Dial><Number statusCallbackEvent="ringing kick">+1</Number></Dial>',
    "is not StreamTrack": '<Start><Stream url="wss://h/m" track="both"/></Start>',
    "is not number": '<Pause length="soon"/>',
    "is not SayLanguage": '<Say language="xx">a</Say>',
    "inbound only": '<Connect><Stream url="wss://h/m" track="both_tracks"/></Connect><Hangup/>',
    "must be wss://": '<Connect><Stream url="https://h/m"/></Connect><Hangup/>',
    "may not carry a query": '<Connect><Stream url="wss://h/m?a=1"/></Connect><Hangup/>',
    "<Connect> holds 0 nouns": "<Connect/><Hangup/>",
    "<Connect> is last": '<Connect><Stream url="wss://h/m"/></Connect>',
    "needs name and value": '<Connect><Stream url="wss://h/m"><Parameter name="a"/></Stream></Connect>'
    "<Hangup/>",
    "must be below 500": '<Connect><Stream url="wss://h/m">'
    f'<Parameter name="a" value="{"x" * 499}"/></Stream></Connect><Hangup/>',
    "<Hangup> is followed by": "<Hangup/><Say>late</Say>",
    "has been answered": "<Say>a</Say><Reject/>",
    "<Say> is empty": "<Say/>",
    "may not hold text": "hello",
    "after <Say>": "<Say>a</Say>hello",
    "dials nothing": "<Dial/>",
    "at most 10": "<Dial>" + "<Number>+1</Number>" * 11 + "</Dial>",
    "beside others": "<Dial><Conference>r</Conference><Number>+1</Number></Dial>",
    "11750": "<Say>" + "x" * 65_536 + "</Say>",
}


@pytest.mark.parametrize("inner", RIGHT)
def test_right(inner):
    assert check_twiml(response(inner)) == []


@pytest.mark.parametrize("words", WRONG)
def test_wrong(words):
    (fault,) = check_twiml(response(WRONG[words]))
    assert words in fault


def test_another_root():
    assert check_twiml("<Answer/>") == ["root is <Answer>, must be <Response>"]


def test_inline_is_shorter():
    xml = response(f"<Say>{'x' * 4000}</Say>")
    assert check_twiml(xml) == []
    assert "32018" in check_twiml(xml, is_inline=True)[0]


def test_the_table_is_whole():
    assert len(FACTS["kinds"]) >= 46 and len(FACTS["enumerations"]) >= 50
    named = {
        type_.removesuffix("[]") for kind in FACTS["kinds"].values() for type_ in kind["attributes"].values()
    }
    assert named - {"string", "number", "boolean"} <= set(FACTS["enumerations"])
    assert {child for kind in FACTS["kinds"].values() for child in kind["children"].values()} <= set(
        FACTS["kinds"]
    )
