"""KPI: the numbers a hall is judged by; each says how it was counted, and opens the cases behind it."""
