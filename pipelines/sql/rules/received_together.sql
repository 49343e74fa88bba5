-- A version that came in one delivery with another of the same unit and period: the order of their names decided which is later. Grain: submission.
select f.submission_id, null::varchar as branch_code, null::varchar as question, null::integer as month,
       null::varchar as sheet, null::varchar as cell,
       '与“' || string_agg(g.file, '”“' order by g.received_at, g.submission_id) || '”同时收到' as found,
       null::varchar as expected, null::varchar as explanation
from files f
join judged using (submission_id)
join files g
  on g.unit_code = f.unit_code and g.period = f.period and g.submission_id <> f.submission_id and not g.refused
 and abs(epoch_us(g.received_at) - epoch_us(f.received_at)) < 1000000
where not f.refused
group by f.submission_id
