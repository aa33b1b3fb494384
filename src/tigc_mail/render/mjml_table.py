"""Which elements MJML has, what may stand in each, and which attributes it takes.

After the documentation of MJML 4, less what its compiler here ignores. To let an element or an
attribute pass, add it to this table.

An attribute is `name:kind`. A kind is one of those below, or the words it may be, `left|right`:

    any       whatever it is
    text      words for readers; a recipient's value may stand in it
    link      an address; a recipient's value may stand in it
    colour    `#1b2b36`, `rgb(...)`, or a colour's name
    pixels    `20px`
    length    `20px` or `50%`
    lengths   one to four of them
    leading   `1.5`, `24px`, `150%`
    spacing   `2px` or `0.1em`
    number    `3`
    weight    `bold`, `400`
"""

from typing import NamedTuple


class Element(NamedTuple):
    """An element of MJML."""

    holds: frozenset[str]
    """The elements that may stand in it; empty where there are none."""
    content: str
    """What else may: "html", "text" (words only) or "" (nothing)."""
    attributes: dict[str, str]
    """The kind of each of its attributes."""


ANYWHERE = "css-class:any mj-class:any"
PADDING = """padding:lengths padding-top:length padding-right:length padding-bottom:length
    padding-left:length"""
INNER_PADDING = """inner-padding:lengths inner-padding-top:length inner-padding-right:length
    inner-padding-bottom:length inner-padding-left:length"""
BORDER = """border:any border-top:any border-right:any border-bottom:any border-left:any
    border-radius:lengths"""
INNER_BORDER = """inner-border:any inner-border-top:any inner-border-right:any
    inner-border-bottom:any inner-border-left:any inner-border-radius:lengths"""
GROUND = """background-color:colour background-url:link background-repeat:repeat|no-repeat
    background-size:any background-position:any background-position-x:any
    background-position-y:any"""
TYPE = """color:colour font-family:any font-size:pixels font-style:normal|italic|oblique
    font-weight:weight"""
SETTING = """letter-spacing:spacing line-height:leading text-decoration:any
    text-transform:none|capitalize|uppercase|lowercase"""
ALIGN = "align:left|center|right"
VERTICAL = "vertical-align:top|middle|bottom"
DIRECTION = "direction:ltr|rtl"
LINK = "href:link name:any rel:any target:any title:text"
BEHIND = "container-background-color:colour"
ICON = """icon-position:left|right icon-align:top|middle|bottom icon-width:pixels
    icon-height:pixels icon-wrapped-url:link icon-wrapped-alt:text icon-unwrapped-url:link
    icon-unwrapped-alt:text"""
THUMBNAIL = """tb-border:any tb-border-radius:lengths tb-hover-border-color:colour
    tb-selected-border-color:colour tb-width:pixels"""
SECTION = f"""{GROUND} {BORDER} {PADDING} {DIRECTION} full-width:full-width|false
    text-align:left|center|right text-padding:lengths"""

IN_COLUMN = """mj-accordion mj-button mj-carousel mj-divider mj-image mj-navbar mj-raw mj-social
    mj-spacer mj-table mj-text"""
IN_BODY = "mj-section mj-wrapper mj-hero mj-raw"


def _element(holds: str, content: str, *attributes: str) -> Element:
    pairs = dict(each.split(":", 1) for each in " ".join(attributes).split())
    return Element(frozenset(holds.split()), content, pairs)


def _shown(holds: str, content: str, *attributes: str) -> Element:
    """Return an element of the body, which may have a class."""
    return _element(holds, content, ANYWHERE, *attributes)


BODY: dict[str, Element] = {
    "mj-body": _shown(IN_BODY, "", "background-color:colour width:pixels"),
    "mj-wrapper": _shown("mj-section mj-hero mj-raw", "", SECTION),
    "mj-section": _shown("mj-column mj-group mj-raw", "", SECTION),
    "mj-group": _shown(
        "mj-column mj-raw", "", VERTICAL, DIRECTION, "background-color:colour width:length"
    ),
    "mj-column": _shown(
        IN_COLUMN,
        "",
        BORDER,
        INNER_BORDER,
        PADDING,
        VERTICAL,
        DIRECTION,
        "background-color:colour inner-background-color:colour width:length",
    ),
    "mj-hero": _shown(
        IN_COLUMN,
        "",
        PADDING,
        INNER_PADDING,
        VERTICAL,
        ALIGN,
        BEHIND,
        "mode:fixed-height|fluid-height height:length width:length background-color:colour",
        "background-url:link background-width:length background-height:length",
        "background-position:any border-radius:lengths inner-background-color:colour",
    ),
    "mj-text": _shown(
        "", "html", "align:left|center|right|justify height:length", TYPE, SETTING, PADDING, BEHIND
    ),
    "mj-button": _shown(
        "",
        "html",
        ALIGN,
        VERTICAL,
        BORDER,
        TYPE,
        SETTING,
        PADDING,
        INNER_PADDING,
        LINK,
        BEHIND,
        "background-color:colour height:length width:length text-align:left|center|right",
    ),
    "mj-image": _shown(
        "",
        "",
        ALIGN,
        BORDER,
        PADDING,
        LINK,
        BEHIND,
        "src:link alt:text width:pixels height:length max-height:length font-size:pixels",
        "fluid-on-mobile:true|false srcset:any sizes:any usemap:any",
    ),
    "mj-divider": _shown(
        "",
        "",
        ALIGN,
        PADDING,
        BEHIND,
        "border-color:colour border-width:pixels width:length",
        "border-style:solid|dashed|dotted|double|groove|ridge|inset|outset|none",
    ),
    "mj-spacer": _shown("", "", PADDING, BEHIND, "height:length"),
    "mj-table": _shown(
        "",
        "html",
        ALIGN,
        TYPE,
        PADDING,
        BEHIND,
        "border:any cellpadding:number cellspacing:number line-height:leading width:length",
        "table-layout:auto|fixed|initial|inherit",
    ),
    "mj-raw": _element("", "html"),
    "mj-social": _shown(
        "mj-social-element mj-raw",
        "",
        ALIGN,
        TYPE,
        PADDING,
        BEHIND,
        "mode:horizontal|vertical border-radius:lengths icon-size:length icon-height:length",
        "icon-padding:lengths inner-padding:lengths text-padding:lengths line-height:leading",
        "text-decoration:any table-layout:auto|fixed",
    ),
    "mj-social-element": _shown(
        "",
        "html",
        ALIGN,
        VERTICAL,
        TYPE,
        PADDING,
        LINK,
        "src:link alt:text srcset:any sizes:any background-color:colour border-radius:lengths",
        "icon-size:length icon-height:length icon-padding:lengths text-padding:lengths",
        "icon-position:left|right line-height:leading text-decoration:any",
    ),
    "mj-navbar": _shown(
        "mj-navbar-link mj-raw",
        "",
        ALIGN,
        PADDING,
        "base-url:any hamburger:hamburger ico-align:left|center|right ico-open:any ico-close:any",
        "ico-color:colour ico-font-size:pixels ico-font-family:any ico-padding:lengths",
        "ico-padding-top:length ico-padding-right:length ico-padding-bottom:length",
        "ico-padding-left:length ico-line-height:leading ico-text-decoration:any",
        "ico-text-transform:none|capitalize|uppercase|lowercase",
    ),
    "mj-navbar-link": _shown("", "html", TYPE, SETTING, PADDING, LINK),
    "mj-accordion": _shown(
        "mj-accordion-element mj-raw", "", "border:any font-family:any", ICON, PADDING, BEHIND
    ),
    "mj-accordion-element": _shown(
        "mj-accordion-title mj-accordion-text mj-raw",
        "",
        "border:any font-family:any background-color:colour",
        ICON,
    ),
    "mj-accordion-title": _shown("", "html", TYPE, PADDING, "background-color:colour"),
    "mj-accordion-text": _shown(
        "",
        "html",
        TYPE,
        PADDING,
        "background-color:colour letter-spacing:spacing line-height:leading",
    ),
    "mj-carousel": _shown(
        "mj-carousel-image",
        "",
        ALIGN,
        PADDING,
        BEHIND,
        THUMBNAIL,
        "border-radius:lengths icon-width:pixels left-icon:link right-icon:link",
        "thumbnails:visible|hidden",
    ),
    "mj-carousel-image": _shown(
        "",
        "",
        LINK,
        "src:link thumbnails-src:link alt:text border-radius:lengths tb-border:any",
        "tb-border-radius:lengths",
    ),
}
"""What stands in the body."""

HEAD: dict[str, Element] = {
    "mjml": _element("mj-head mj-body mj-raw", "", "lang:any dir:ltr|rtl owa:any"),
    "mj-head": _element(
        "mj-attributes mj-breakpoint mj-font mj-preview mj-raw mj-style mj-title", ""
    ),
    "mj-title": _element("", "text"),
    "mj-preview": _element("", "text"),
    "mj-style": _element("", "text"),
    "mj-breakpoint": _element("", "", "width:pixels"),
    "mj-font": _element("", "", "name:any href:link"),
    "mj-attributes": _element(" ".join(["mj-all", "mj-class", *BODY]), ""),
    "mj-all": _element("", "", ANYWHERE),
    "mj-class": _element("", "", "name:any"),
}
"""The document itself, and what stands in its head."""

ELEMENTS = HEAD | BODY

OF_ALL = frozenset({"mj-all", "mj-class"})
"""The elements that take the attributes of every other."""

NEED_ALT = frozenset({"img", "mj-image", "mj-carousel-image", "mj-social-element"})
"""The elements that show an image: each says what it shows, or `alt=""` where it decorates."""

HTML = frozenset(
    """a abbr address article aside b bdi bdo blockquote br caption center cite code col colgroup
    dd del dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd
    li main mark nav ol p picture pre q s samp section small source span strike strong sub sup
    table tbody td tfoot th thead time tr tt u ul var wbr""".split()
)
"""The elements of HTML that may stand in a text, a button or a table. In `mj-raw`, all may."""

REFUSED = {
    "mj-include": ("is not read", 'Write {% include "..." %}.'),
    "mj-html-attributes": (
        "is not known to the compiler",
        "Write the attributes onto the elements themselves.",
    ),
    "mj-selector": (
        "is not known to the compiler",
        "Write the attributes onto the elements themselves.",
    ),
    "mj-html-attribute": (
        "is not known to the compiler",
        "Write the attributes onto the elements themselves.",
    ),
}
"""Elements of MJML that the compiler refuses or gets wrong, each with the cause and the cure."""

REFUSED_ATTRIBUTES = {
    ("mj-style", "inline"): ("is not inlined", "Write its rules into templates/theme.css."),
    ("mj-wrapper", "gap"): ("is ignored", "Give the sections in it a padding."),
    ("mj-table", "role"): ("is ignored", "Remove it."),
    ("mj-raw", "position"): ("is not known to the compiler", "Remove it."),
}
"""Attributes of MJML that the compiler refuses or ignores, each with the cause and the cure."""

SHARES = frozenset("facebook twitter x linkedin pinterest google tumblr xing".split())
"""Names of `mj-social-element` that make an address for sharing, which is not encoded."""
