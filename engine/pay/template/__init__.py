"""The workbook that is filled in before people are paid: roster and accounts carried over, a column per measure."""
