"""From an institution's amount to each person: earmarks first, the rest by teams, inside a team by points. Exact.

    made = split(pay, people, amounts, Period.parse("2026Q3"), {"performance": "yes"})   # engine.pay.split.split
    made.lines                                                                            # TABLES["lines"]

Source: contract of pay, From amount to person.
"""
