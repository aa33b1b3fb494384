"""Where in HTML a slot may stand, and how it is escaped there."""

import pytest

from tigc_mail.errors import RenderError
from tigc_mail.render.contexts import Context
from tigc_mail.render.places import classify

T = "xqbcdfghjk000qx"


def contexts(html: str) -> list[Context]:
    return classify(html, lambda _token: "recipient.role")


@pytest.mark.parametrize(
    ("html", "context"),
    [
        (f"<p>Dear {T},</p>", Context.MARKUP),
        (f"<title>{T}</title>", Context.MARKUP),
        (f'<img alt="{T}">', Context.MARKUP),
        (f'<p title="a {T} b">x</p>', Context.MARKUP),
        (f'<a aria-label="{T}">x</a>', Context.MARKUP),
        (f'<meta name="description" content="{T}">', Context.MARKUP),
        (f'<a href="{T}">x</a>', Context.URL),
        (f'<img src="{T}">', Context.URL),
        (f'<a href="https://example.org/{T}">x</a>', Context.URL_COMPONENT),
        (f'<a href="https://example.org/a?b={T}">x</a>', Context.URL_COMPONENT),
        (f'<a href="https://example.org?b={T}">x</a>', Context.URL_COMPONENT),
        (f'<a href="https://example.org#{T}">x</a>', Context.URL_COMPONENT),
        (f'<a href="HTTPS://example.org/{T}">x</a>', Context.URL_COMPONENT),
        (f'<a href="mailto:{T}?subject=x">x</a>', Context.URL_COMPONENT),
        (f'<td background="https://example.org/{T}.png">x</td>', Context.URL_COMPONENT),
        (f"<!--[if mso]><p>{T}</p><![endif]-->", Context.MARKUP),
        (
            f'<!--[if mso | IE]><v:fill src="https://example.org/{T}" /><![endif]-->',
            Context.URL_COMPONENT,
        ),
        (f"<!--[if !mso]><!--><p>{T}</p><!--<![endif]-->", Context.MARKUP),
    ],
)
def test_a_slot_may_stand_in_texts_and_links(html: str, context: Context) -> None:
    assert contexts(html) == [context]


def test_every_occurrence_is_found_in_the_order_of_the_text() -> None:
    html = f'<a title="{T}" href="https://b.org/{T}">{T}<!--[if mso]>{T}<![endif]--></a>{T}'
    markup = Context.MARKUP
    assert contexts(html) == [markup, Context.URL_COMPONENT, markup, markup, markup]


@pytest.mark.parametrize(
    ("html", "where"),
    [
        (f"<{T}>", "the name of an element"),
        (f"<p-{T}>x</p>", "the name of an element"),
        (f'<p {T}="x">', "the name of an attribute"),
        (f'<p data-{T}="x">', "the name of an attribute"),
        *(
            (f'<p {name}="{T}">', f'the attribute {name}="..."')
            for name in (
                "lang",
                "dir",
                "class",
                "id",
                "style",
                "width",
                "height",
                "align",
                "bgcolor",
            )
        ),
        (f'<td colspan="{T}">', 'the attribute colspan="..."'),
        (f'<a onclick="{T}">', 'the attribute onclick="..."'),
        (f'<img srcset="{T}">', 'the attribute srcset="..."'),
        (f"<style>p {{ color: {T} }}</style>", "<style>"),
        (f"<script>{T}</script>", "<script>"),
        (f"<!-- {T} -->", "a comment"),
        (f"<!--[if {T}]>x<![endif]-->", "outside"),
        (f"<!--[if mso]><style>{T}</style><![endif]-->", "<style>"),
        (f"<!DOCTYPE {T}>", "a declaration"),
        (f'<a href="https://{T}/">', 'the attribute href="..."'),
        (f'<a href="https://{T}.example.org/">', 'the attribute href="..."'),
        (f'<a href="https://example.org:{T}/">', 'the attribute href="..."'),
        (f'<a href="https://user:{T}@example.org/">', 'the attribute href="..."'),
        (f'<a href="https://example.org{T}">', 'the attribute href="..."'),
        (f'<a href="http://example.org/{T}">', 'the attribute href="..."'),
        (f'<a href="javascript:{T}">', 'the attribute href="..."'),
        (f'<a href="/{T}">', 'the attribute href="..."'),
        (f'<a href=" {T}">', 'the attribute href="..."'),
        (f'<a href="{T}{T}">', 'the attribute href="..."'),
        (f'<meta http-equiv="refresh" content="0;{T}">', "http-equiv"),
        (f"<p>x</{T}>", "outside"),
        (f"<p>x</p><?{T}?>", "outside"),
        (f"<p>x</p><![CDATA[{T}]]>", "outside"),
    ],
)
def test_a_slot_stands_nowhere_else(html: str, where: str) -> None:
    with pytest.raises(RenderError) as caught:
        contexts(html)
    assert where in str(caught.value)


def test_the_error_names_the_slot_and_not_its_token() -> None:
    with pytest.raises(RenderError, match=r"`recipient\.role` stands in <style>"):
        contexts(f"<style>{T}</style>")
