-- Everything that was found in a file. Grain: finding. Files without a known period are in it too.
select g.finding_id, g.submission_id, f.unit_code, g.branch_code, f.period, g.rule, g.severity, g.question, g.sheet, g.cell,
       g.found, g.expected, g.message, g.clause, g.explanation, g.explained
from findings_found g
join files f using (submission_id)
