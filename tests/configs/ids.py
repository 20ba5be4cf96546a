"""The numeric rules of the five policy documents: every one is in its pack and has spec cases, met and missed.

Ids with a letter behind (TJ-I11b) are further parts of the rule of that number and are demanded from the pack itself.
"""

from __future__ import annotations

NUMERIC = {
    "hz-xiacheng-2018": [f"HZ-I{number:02}" for number in range(1, 7)],
    "tianjin-2024": [f"TJ-I{number:02}" for number in range(1, 18)],
    "beijing-2021": [f"BJ-I{number:02}" for number in range(1, 11)],
    # JL-I12 names a direction, not a number
    "jilin-city-2017": [f"JL-I{number:02}" for number in range(1, 16) if number != 12],
    "liaoning-2017": [f"LN-I{number:02}" for number in range(1, 17)],
}
