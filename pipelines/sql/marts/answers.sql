-- Every answer of every version that could be read. Grain: submission, branch, month, question.
select submission_id, unit_code, branch_code, period, month, question, number as value, text, raw, explanation, sheet, cell
from answers_read
