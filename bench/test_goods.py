"""bench goods, on a handful of orders: what is sold is shipped and invoiced, what came back is credited."""

from pathlib import Path

from bench.goods import measure, write_slice

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
ROWS = """\
1,A1,HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom
1,POST,POSTAGE,1,2010-12-01 08:26:00,18.00,17850.0,United Kingdom
2,A1,HEART,4,2010-12-01 08:28:00,2.55,,France
2,A1,HEART,1,2010-12-01 08:28:00,0.0,,France
3,B1,found broken,-3,2010-12-01 08:30:00,0.0,,United Kingdom
A4,B,Adjust bad debt,1,2010-12-01 08:31:00,99.0,,United Kingdom
C5,A1,HEART,-2,2010-12-01 08:32:00,2.55,17850.0,United Kingdom
6,POST,POSTAGE,1,2010-12-01 08:33:00,18.00,17850.0,United Kingdom
7,B1,LANTERN,1,2010-12-01 08:34:00,3.39,17850.0,United Kingdom"""


def test_sums_of_goods_and_money_are_exact(tmp_path: Path) -> None:
    file = tmp_path / "slice.csv"
    write_slice(iter([HEADER, *ROWS.splitlines()]), file, 4)
    assert [row[0] for row in file.read_text().splitlines()[1:]] == ["1", "1", "2", "2", "C", "6"]
    rows = measure(file, f"sqlite:///{tmp_path / 'bench.db'}")
    assert [rows[name] for name in ("orders", "lines", "shipments", "invoices", "credit_notes")] == [4, 6, 2, 4, 1]
    assert rows["invoiced_gbp"] == 56.4  # 15.30 + 18 + 10.20 - 5.10 + 18
    assert not any(rows[name] for name in ("unshipped_units", "uninvoiced_gbp", "refused", "broken_invariants")), rows
