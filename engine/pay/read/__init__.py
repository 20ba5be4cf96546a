"""Reading the tables of people, and keeping them: `people.read_people` is the door, `kept` the form of a pay folder.

forms → what sheets and headings are called; measures → the plan's words; rows → typed rows; `*_checks` → what cannot be
right. Every problem is reported at once, in the order of the input. No message says a name, ID number or account.
"""
