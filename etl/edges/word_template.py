"""The Word skeleton of an official paper: styles after GB/T 9704-2012, places for words as docxtpl tags.

Built by python-docx when first asked for, once a process, so that no binary file has to be kept in step with the styles.
What holds in Word and in LibreOffice alike: exact line pitch, first-line indents in characters set at style level, character
spacing a hair tight so that 28 characters fill 156 mm; not Word's own character grid, which LibreOffice reads otherwise.
"""

import functools
import io
from typing import Any

import docx
from docx.enum.section import WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from etl.edges.fonts import font_table

LINE = Pt(28.95)
BODY = Pt(16)  # 三号
SMALL = Pt(14)  # 四号
RED = RGBColor(0xD7, 0x00, 0x0F)
_TIGHT = -4  # twentieths of a point a character
_INDENT = "200"  # two characters

# name: (face, size, alignment, indented, space before in points, keep with next)
_STYLES: dict[str, tuple[str, Any, Any, bool, float, bool]] = {
    "Paper Body": ("fang", BODY, WD_ALIGN_PARAGRAPH.JUSTIFY, True, 0, False),
    "Paper Last": ("fang", BODY, WD_ALIGN_PARAGRAPH.JUSTIFY, True, 0, True),
    "Paper Plain": ("fang", BODY, WD_ALIGN_PARAGRAPH.LEFT, False, 0, False),
    "Paper Annexes": ("fang", BODY, WD_ALIGN_PARAGRAPH.LEFT, True, 0, True),
    "Paper Section": ("hei", BODY, WD_ALIGN_PARAGRAPH.LEFT, True, 0, True),
    "Paper Subsection": ("kai", BODY, WD_ALIGN_PARAGRAPH.LEFT, True, 0, True),
    "Paper Number": ("fang", BODY, WD_ALIGN_PARAGRAPH.CENTER, False, 28.95, False),
    "Paper Letter Number": ("fang", BODY, WD_ALIGN_PARAGRAPH.RIGHT, False, 6, False),
    "Paper Signature": ("fang", BODY, WD_ALIGN_PARAGRAPH.RIGHT, False, 0, True),
    "Paper Annex Mark": ("hei", BODY, WD_ALIGN_PARAGRAPH.LEFT, False, 0, True),
    "Paper Imprint": ("fang", SMALL, WD_ALIGN_PARAGRAPH.LEFT, False, 0, False),
}
_LOOSE: dict[str, tuple[str, Any, Any, float]] = {
    "Paper Head": ("biaosong", Pt(42), WD_ALIGN_PARAGRAPH.CENTER, 90),
    "Paper Letter Head": ("biaosong", Pt(42), WD_ALIGN_PARAGRAPH.CENTER, 0),
    "Paper Title": ("biaosong", Pt(22), WD_ALIGN_PARAGRAPH.CENTER, 0),
    "Paper Annex Title": ("biaosong", Pt(20), WD_ALIGN_PARAGRAPH.CENTER, 10),
    "Paper Table Title": ("hei", Pt(11), WD_ALIGN_PARAGRAPH.LEFT, 10),
    "Paper Note": ("hei", Pt(8.5), WD_ALIGN_PARAGRAPH.LEFT, 2),
}


@functools.cache
def paper_template(letter: bool) -> bytes:
    """The skeleton as a .docx; its tags are filled by `etl.edges.word`."""
    paper = docx.Document()
    _set_page(paper.sections[0], letter)
    for name, (face, size, align, indented, before, keep) in _STYLES.items():
        _style(paper, name, face, size, align, before, indented=indented, keep=keep, line=LINE)
    for name, (face, size, align, before) in _LOOSE.items():
        _style(paper, name, face, size, align, before, keep=True)
    for name in ("Paper Head", "Paper Letter Head"):
        paper.styles[name].font.color.rgb = RED
    paper.settings.odd_and_even_pages_header_footer = True
    _speak_chinese(paper)
    _page_numbers(paper.sections[0], letter)
    _write_tags(paper, letter)
    sink = io.BytesIO()
    paper.save(sink)
    return sink.getvalue()


def _set_page(section: Any, letter: bool) -> None:
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(25)
    section.start_type = WD_SECTION.NEW_PAGE
    section.different_first_page_header_footer = letter


def _style(  # noqa: PLR0913 - a parameter is a property of the style
    paper: Any, name: str, face: str, size: Any, align: Any, before: float, *, indented: bool = False,
    keep: bool = False, line: Any = None,
) -> None:
    style = paper.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = paper.styles["Normal"]
    style.font.size, style.font.name = size, "Times New Roman"
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), font_table().word[face])
    fonts.set(qn("w:hint"), "eastAsia")
    for tag in ("w:autoSpaceDE", "w:autoSpaceDN"):  # no air between Han and digits: 28 characters a line
        _add(style.element.get_or_add_pPr(), tag, val="0")
    form = style.paragraph_format
    form.alignment, form.keep_with_next, form.widow_control = align, keep, True
    form.space_before, form.space_after = Pt(before), Pt(0)
    if line is not None:
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, line
        tight = OxmlElement("w:spacing")
        tight.set(qn("w:val"), str(_TIGHT))
        style.element.get_or_add_rPr().insert_element_before(tight, "w:w", "w:kern", "w:position", "w:sz", "w:szCs")
    if indented:
        indent = style.element.get_or_add_pPr().get_or_add_ind()
        indent.set(qn("w:firstLineChars"), _INDENT)
        indent.set(qn("w:firstLine"), str(int(size.pt * 2 * 20)))


def _add(parent: Any, tag: str, **attributes: str) -> Any:
    child = OxmlElement(tag)
    for name, value in attributes.items():
        child.set(qn(f"w:{name}"), value)
    parent.append(child)
    return child


def _speak_chinese(paper: Any) -> None:
    """Simplified Chinese for the whole paper: else its glyphs and punctuation may be drawn as Japanese."""
    for lang in paper.styles.element.iter(qn("w:lang")):
        lang.set(qn("w:eastAsia"), "zh-CN")


def _page_numbers(section: Any, letter: bool) -> None:
    """— 1 — one character in: odd pages at the right, even ones at the left; a letter's first page has none."""
    footers = (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    )
    for footer, align in footers:
        footer.is_linked_to_previous = False
        line = footer.paragraphs[0]
        line.alignment = align
        line.paragraph_format.right_indent = line.paragraph_format.left_indent = SMALL
        for kind, text in ((None, "— "), ("begin", ""), ("instr", "PAGE"), ("end", ""), (None, " —")):
            run = line.add_run(text if kind is None else "")
            run.font.size, run.font.name = SMALL, "宋体"
            if kind == "instr":
                _add(run._r, "w:instrText").text = text
            elif kind:
                _add(run._r, "w:fldChar", fldCharType=kind)
    if letter:
        section.first_page_footer.is_linked_to_previous = False


def _write_tags(paper: Any, letter: bool) -> None:
    body = paper.element.body
    for paragraph in list(paper.paragraphs):
        body.remove(paragraph._p)

    def line(text: str, style: str = "Paper Plain") -> Any:
        return paper.add_paragraph(text, style=style)

    _head(line, letter)
    line("{%p for title_line in head.title_lines %}")
    line("{{ title_line }}", "Paper Title")
    line("{%p endfor %}")
    line("")
    line("{{ head.to }}{{ labels.addressees_end }}")
    line("{%p for block in blocks %}")
    for number, (kind, style) in enumerate((("h1", "Paper Section"), ("h2", "Paper Subsection"))):
        line(f"{{%p {'el' if number else ''}if block.kind == '{kind}' %}}")
        line("{{ block.text }}", style)
    line("{%p elif loop.last %}")
    line("{{ block.text }}", "Paper Last")
    line("{%p else %}")
    line("{{ block.text }}", "Paper Body")
    line("{%p endif %}")
    line("{%p endfor %}")
    line("", "Paper Annexes")
    line("{%p for annex_line in annex_lines %}")
    line("{{ annex_line }}", "Paper Annexes")
    line("{%p endfor %}")
    for _ in range(2):
        line("", "Paper Signature")
    for text in ("{{ head.organ }}", "{{ edition.issued_on_zh }}"):
        line(text, "Paper Signature").paragraph_format.right_indent = BODY * 4
    paper.paragraphs[-1].paragraph_format.keep_with_next = False
    _annexes(line)
    _imprint(line, letter)


def _head(line: Any, letter: bool) -> None:
    mark = line("", "Paper Letter Head" if letter else "Paper Head")
    run = mark.add_run("{{ organ_line }}")
    _add(run._r.get_or_add_rPr(), "w:sz", val="{{ organ_half_points }}")
    if letter:
        _rule(mark, "bottom", "thickThinSmallGap", "24", "D7000F")
        line("{{ head.number }}", "Paper Letter Number")
    else:
        _rule(line("{{ head.number }}", "Paper Number"), "bottom", "single", "16", "D7000F")
    line("")


def _rule(paragraph: Any, side: str, kind: str, eighths: str, colour: str) -> None:
    borders = paragraph._p.get_or_add_pPr().find(qn("w:pBdr"))
    if borders is None:
        borders = OxmlElement("w:pBdr")
        paragraph._p.get_or_add_pPr().insert_element_before(
            borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
        )
    _add(borders, f"w:{side}", val=kind, sz=eighths, space="4", color=colour)


def _annexes(line: Any) -> None:
    line("{%p for annex in annex_pages %}")
    line("{{ annex.mark }}", "Paper Annex Mark").paragraph_format.page_break_before = True
    line("{{ annex.title }}", "Paper Annex Title")
    line("{%p if annex.picture %}")
    line("{{ annex.picture_title }}", "Paper Table Title")
    line("{{ annex.picture_note }}", "Paper Note")
    line("{{ annex.picture }}", "Paper Note")
    line("{%p endif %}")
    line("{%p for sheet in annex.sheets %}")
    line("{%p if sheet.title %}")
    line("{{ sheet.title }}", "Paper Table Title")
    line("{%p endif %}")
    line("{%p if sheet.note %}")
    line("{{ sheet.note }}", "Paper Note")
    line("{%p endif %}")
    line("{{p sheet.table }}")
    line("{%p endfor %}")
    line("{%p endfor %}")
    line("{%p if notes %}")
    line("{{ labels.notes_title }}", "Paper Table Title")
    line("{%p endif %}")
    line("{%p for note in notes %}")
    line("{{ note }}", "Paper Note")
    line("{%p endfor %}")


def _imprint(line: Any, letter: bool) -> None:
    line("")
    line("{%p if head.cc %}")
    copies = line("{{ labels.cc }}{{ head.cc }}{{ labels.sentence_end }}", "Paper Imprint")
    line("{%p endif %}")
    if letter:
        return
    _rule(copies, "top", "single", "8", "000000")
    printed = line("{{ head.printed_by }}\t{{ edition.issued_on_zh }}{{ labels.printed }}", "Paper Imprint")
    printed.paragraph_format.tab_stops.add_tab_stop(Mm(150), alignment=2)
    _rule(printed, "top", "single", "6", "000000")
    _rule(printed, "bottom", "single", "8", "000000")
