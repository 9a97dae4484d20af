"""Common English names: all that an engine with a closed list of words can hear where a name is asked for.

Data only.
"""

from __future__ import annotations

_FIRST = """
ada adam adrian alan albert alex alexander alice alison amanda amy andrew angela ann anna anne anthony
arthur barbara ben benjamin beth brian bob bruce carol caroline catherine charles charlie charlotte chloe
chris christine christopher claire clare colin craig daniel david dawn deborah dennis diana donald donna
dorothy douglas edward eleanor elizabeth ella ellen emily emma eric fiona frances francis frank fred gareth
gary geoffrey george gillian gordon grace graham hannah harry heather helen henry howard ian isaac isabel
jack jacob jacqueline james jane janet jason jean jeffrey jennifer jeremy jessica jill jim joan joanna joe
john jonathan joseph joshua joyce judith julia julian julie karen kate katherine kathleen keith kelly
kenneth kevin kim laura lauren lawrence leo leonard leslie lewis lily linda lisa liz louise lucy luke
malcolm margaret maria marie marion mark martin mary matthew maureen max megan melissa michael michelle mike
mohammed muhammad nancy natalie neil nicholas nicola nigel noah norman oliver olivia oscar pamela patricia
patrick paul paula pauline peter philip phillip rachel ralph raymond rebecca richard robert robin roger
ronald rose rosemary roy russell ruth ryan sally sam samantha samuel sandra sarah scott sean sharon shirley
simon sophia sophie stanley stella stephanie stephen steve steven stuart sue susan suzanne sylvia teresa
terry theresa thomas tim timothy tina toby tom tony tracy trevor valerie vanessa vera victor victoria
vincent walter wayne wendy william yvonne zoe
"""
_LAST = """
adams ahmed ali allen anderson andrews armstrong atkinson bailey baker barker barnes bell bennett berry
black booth bradley brooks brown burton butler byrne campbell carr carter chapman chambers clark clarke cole
collins cook cooper cox crawford cunningham davidson davies davis dawson dean dixon douglas duncan dunn
edwards elliott ellis evans ferguson fisher fletcher ford foster fox francis fraser gardner george gibson
gill gordon graham grant gray green griffiths hall hamilton harper harris harrison hart harvey hawkins
henderson hill holland holmes hopper howard hudson hughes hunt hunter hussain jackson james jenkins johnson
johnston jones jordan kaur kelly kennedy khan king knight lane lawrence lawson lee lewis lloyd lovelace
macdonald marshall martin mason matthews may mcdonald miller mills mitchell moore morgan morris morrison
murphy murray newton owen palmer parker parsons patel payne pearce pearson perry phillips poole porter
powell price reed reid reynolds richards richardson riley roberts robertson robinson rogers rose ross
russell ryan saunders scott shaw simmons simpson singh smith spencer stevens stewart stone sullivan sutton
taylor thomas thompson thomson turing turner walker wallace walsh ward warren watson watts webb webster
wells west white wilkinson williams williamson wilson wood woods wright young
"""

FIRST_NAMES = tuple(_FIRST.split())
LAST_NAMES = tuple(_LAST.split())
