"""A payment for those who print, pay, declare and audit it: sheets, slips, files to banks and to the tax office.

Everything is made from a pay folder, which holds codes, and the roster PEOPLE, which says whose codes they are.
"""
