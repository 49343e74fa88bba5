-- What needs attention, by unit and period. Grain: unit or branch, period, kind, indicator. How each kind is judged: sql/flags/judged_*.sql.
select unit_code, period, kind, level, indicator, clause, reason, evidence, since, times, run_since
from flag_history
where level is not null
