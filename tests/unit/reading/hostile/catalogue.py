"""Every file that cannot be read, by name: how it is made and the rule that names it."""

from collections.abc import Callable, Mapping

from tests.unit.reading.hostile import attacks

UNREADABLE: Mapping[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "R01"),
    "blank_text": (lambda: b"\xef\xbb\xbf \r\n", "R01"),
    "nothing_of_40_mb": (lambda: bytes(40_000_000), "R01"),
    "nothing_of_100_mb": (lambda: bytes(100_000_000), "R02"),
    "pdf": (lambda: b"%PDF-1.7 ...", "R03"),
    "html": (lambda: b"<html><table><tr><td>1</td></tr></table></html>", "R03"),
    "cut_off": (lambda: attacks.ordinary()[:-300], "R04"),
    "cut_short": (lambda: attacks.ordinary()[:1_500], "R04"),
    "encrypted": (attacks.encrypted, "R05"),
    "bomb": (attacks.bomb, "R08"),
    "lying_bomb": (attacks.lying_bomb, "R04"),
    "laughs": (attacks.laughs, "R08"),
    "outside_entity": (attacks.outside_entity, "R08"),
    "cloned_strings": (attacks.cloned_strings, "R08"),
    "climbing_member": (attacks.climbing_member, "R08"),
    "far_cell": (attacks.far_cell, "R09"),
    "far_column": (lambda: attacks.far_cell("ALL999999"), "R09"),
    "far_cell_unreferenced": (attacks.far_cell_unreferenced, "R09"),
    "million_columns": (attacks.million_columns, "R09"),
    "xls_far_cell": (attacks.xls_far_cell, "R09"),
    "xls_false_dimensions": (attacks.xls_false_dimensions, "R04"),
    "xls_loop": (attacks.xls_loop, "R04"),
    "xls_panic": (attacks.xls_panic, "R04"),
    "xls_cut_short": (lambda: attacks.xls()[:1_000], "R04"),
    "million_commas": (lambda: b"," * 1_000_000, "R09"),
    "no_encoding": (lambda: "支部编码,支部名称\n甲,\xff\xff\xff".encode("latin-1", "ignore") + b"\xff\xff", "R10"),
    "nul": ("支部编码,支部名称\nB1,甲\0\n".encode, "R11"),
    "open_quote": ('支部编码,支部名称\nB1,"甲\nB2,乙\n'.encode, "R12"),
    "deep_json": (lambda: b"[" * 200_000 + b"]" * 200_000, "R26"),
    "json_of_numbers": (lambda: b"[1, 2]", "R26"),
    "broken_json": ('{"branches": [{"支部编码": ]}'.encode, "R26"),
}
