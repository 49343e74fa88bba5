-- How often each answer to a question was given, of those that can be used. Grain: period, question, answer. Not published.
select period, question, coalesce(text, regexp_replace(regexp_replace(value::varchar, '0+$', ''), '[.]$', '')) as answer,
       count(*)::integer as answers
from cells
where period in (select period from due) and lacking is null and answered and (text is not null or value is not null)
group by all
