-- An answer of the last accepted version that a later version changes or empties. Grain: cell of the later version.
-- A row that the later version lacks altogether is told by the reader (row_missing, branch_missing), not once more here.
select now.submission_id, now.branch_code, now.question, now.month, now.sheet, now.cell, coalesce(now.raw, '空白') as found,
       '改动了第' || v.accepted_version || '版已采用的“' || before.raw || '”' as expected, now.explanation
from versions v
join judged using (submission_id)
join answers_read before on before.submission_id = v.accepted_id and before.raw is not null
join answers_read now
  on now.submission_id = v.submission_id and now.question = before.question
 and now.branch_code is not distinct from before.branch_code and now.month is not distinct from before.month
where now.number is distinct from before.number or now.text is distinct from before.text
