-- Base tables that Python fills; everything else is made from them by the files in marts/.
create table if not exists files (          -- a file in the store, as last read
    submission_id varchar primary key, unit_code varchar, period varchar, file varchar not null, stored_as varchar not null,
    sha256 varchar not null, received_at timestamp not null, refused boolean not null,
    read_with varchar not null              -- hash of program, catalogue and registry that read it
);
create table if not exists answers_read (   -- an answer of a file that could be read
    submission_id varchar not null, unit_code varchar not null, unit_kind varchar not null, period varchar not null,
    branch_code varchar, month integer, question varchar not null, number decimal(18, 4), text varchar, raw varchar,
    explanation varchar, sheet varchar not null, cell varchar not null
);
create table if not exists findings_found ( -- a finding of a file; `source` is reading, answers or history
    source varchar not null, finding_id varchar not null, submission_id varchar not null, rule varchar not null, severity varchar not null,
    branch_code varchar, question varchar, month integer, sheet varchar, cell varchar, found varchar, expected varchar,
    message varchar not null, clause varchar, explanation varchar,
    explained boolean                       -- of severity explain: whether the explanation counts
);
create table if not exists period_inputs (period varchar primary key, digest varchar not null);

-- Which version of a unit's period counts: the newest accepted one, else the newest returned one. The only definition of it.
-- `sources`: whose findings decide whether a version is returned. Marts go by all of them. What looks for findings of history goes by
-- what a file itself says (reading, answers): no version's standing may hang on findings that are only being made.
create or replace macro standing(sources) as table
select f.submission_id, f.unit_code, f.period
from files f
where not f.refused
qualify row_number() over (
    partition by f.unit_code, f.period
    order by exists (from findings_found g where g.submission_id = f.submission_id and g.severity = 'block' and list_contains(sources, g.source)),
             f.received_at desc, f.submission_id desc
) = 1;
create or replace view counting as from standing(['reading', 'answers', 'history']);
create or replace view counting_alone as from standing(['reading', 'answers']);

-- What the rules about history share (rules/): versions in the order of receipt, and how much each changed.
create or replace view versions as          -- a readable file, the version before it, and the last one before it without a blocking finding
with ordered as (
    select f.submission_id, f.unit_code, f.period,
           row_number() over in_turn as version,
           lag(f.submission_id) over in_turn as before_id,
           -- what the file itself says decides, never a rule about history: no version's standing hangs on another's findings
           not exists (
               from findings_found g
               where g.submission_id = f.submission_id and g.severity = 'block' and g.source in ('reading', 'answers')
           ) as is_accepted
    from files f
    where not f.refused
    window in_turn as (partition by f.unit_code, f.period order by f.received_at, f.submission_id)
)
select submission_id, unit_code, period, version, before_id, is_accepted,
       max(case when is_accepted then version end) over earlier as accepted_version,
       arg_max(case when is_accepted then submission_id end, version) over earlier as accepted_id
from ordered
window earlier as (partition by unit_code, period order by version rows between unbounded preceding and 1 preceding);

create or replace view version_changes as   -- a version after the first: cells whose answer, writing or explanation differs from the version before
with pairs as (
    select submission_id, before_id from versions where before_id is not null
),
present as (
    select p.submission_id, a.question, a.branch_code, a.month, a.number, a.text, a.raw, a.explanation
    from pairs p
    join answers_read a using (submission_id)
),
past as (
    select p.submission_id, a.question, a.branch_code, a.month, a.number, a.text, a.raw, a.explanation
    from pairs p
    join answers_read a on a.submission_id = p.before_id
),
cells as (
    select coalesce(n.submission_id, b.submission_id) as submission_id,
           n.number is distinct from b.number or n.text is distinct from b.text
           or (n.number is null and n.text is null and b.number is null and b.text is null and n.raw is distinct from b.raw) as differs,
           n.raw is distinct from b.raw as is_rewritten,
           n.explanation is distinct from b.explanation as is_explained
    from present n
    full join past b
      on b.submission_id = n.submission_id and b.question = n.question
     and b.branch_code is not distinct from n.branch_code and b.month is not distinct from n.month
)
select p.submission_id,
       count(*) filter (c.differs) as answers,
       count(*) filter (c.is_rewritten and not c.differs) as rewritten,
       count(*) filter (c.is_explained) as explained
from pairs p
left join cells c using (submission_id)
group by p.submission_id;

-- What a finding stops, for the marts and for what asks about the past alike.
create or replace view stopped_cells as     -- not used: blocked, or still to be explained
select submission_id, branch_code, question, month, bool_or(severity = 'block') as blocked
from findings_found
where question is not null and (severity = 'block' or (severity = 'explain' and not explained))
group by submission_id, branch_code, question, month;

create or replace view stopped_sheets as    -- a ledger that is blocked as a whole, or must still be explained as a whole
select submission_id, bool_or(severity = 'block') as blocked
from findings_found
where question is null and branch_code is null and sheet = '支部台账' and source = 'history'
  and (severity = 'block' or (severity = 'explain' and not explained))
group by submission_id;

create or replace view stopped_branches as  -- a row that is blocked as a whole
select distinct submission_id, branch_code
from findings_found
where question is null and branch_code is not null and severity = 'block';

create or replace view stopped_files as     -- a file whose every value is blocked
select distinct submission_id
from findings_found
where question is null and branch_code is null and sheet = '封面' and severity = 'block';

create or replace view usable_numbers as    -- an answer that is a number and that nothing stops
select a.submission_id, a.branch_code, a.month, a.question, coalesce(a.branch_code, a.unit_code) as holder, a.number::double as number
from answers_read a
anti join stopped_cells s
  on s.submission_id = a.submission_id and s.question = a.question
 and s.branch_code is not distinct from a.branch_code and s.month is not distinct from a.month
-- a ledger question without a branch: its whole column
anti join (select * from stopped_cells where branch_code is null) c
  on c.submission_id = a.submission_id and c.question = a.question and c.month is not distinct from a.month
anti join stopped_branches b on b.submission_id = a.submission_id and b.branch_code = a.branch_code
anti join stopped_files f on f.submission_id = a.submission_id
where a.number is not null and (a.branch_code is null or a.submission_id not in (select submission_id from stopped_sheets));

-- Filled by what looks for outliers (pipelines/outliers/), period by period.
create table if not exists norms_found (    -- the peers' median of an answer, on the scale on which it is compared
    period varchar not null, question varchar not null, month integer not null, -- month: 1 to 3 of the quarter, 0 where it is not asked by month
    peer_group varchar not null, peers integer not null, median double not null
);
create table if not exists coverage_found ( -- how many series of a unit could be judged
    unit_code varchar not null, period varchar not null, against varchar not null, series integer not null, judged integer not null, too_short integer not null
);

-- How figures stand in a sentence.
create or replace macro plain(amount) as    -- a decimal without zeros at its end
    regexp_replace(regexp_replace(amount::varchar, '0+$', ''), '[.]$', '');
create or replace macro quoted(name) as   -- a name in quotation marks, as expectations/wording.py does: those of its own become single ones
    '“' || translate(name, '“”', '‘’') || '”';
create or replace macro amount_zh(amount, unit) as -- a figure that is compared with no standard
    case when unit = '%' then printf('%.1f%%', amount * 100)
         when amount = round(amount) then amount::bigint::varchar || unit
         else printf('%.2f', amount) || unit end;

-- Windows of judgements (a CTE or table of unit_code, indicator, period, window_start, is_bad) and the run of bad ones that each stands in or ends.
-- Grain: unit or branch, indicator, window. What a window came to is its newest judgement; `bad_before`: bad windows since the last good one;
-- `run` numbers the good windows before, so that earlier windows of the same run are all bad.
create or replace macro window_runs(judged) as table
with windows as (
    select unit_code, indicator, window_start, max(period) as period, arg_max(is_bad, period) as is_bad
    from query_table(judged)
    group by unit_code, indicator, window_start
),
placed as (
    select *, count(*) filter (not is_bad) over (
               partition by unit_code, indicator order by window_start rows between unbounded preceding and 1 preceding
           ) as run
    from windows
)
select *, row_number() over (partition by unit_code, indicator, run order by window_start) - 1 as bad_before
from placed;

-- Whether k of n, a miss of the standard, is more than chance, one head, or next to nothing. Of a standard of all: whether more are missing than
-- `number` or `share` of n, or all. Of a share of counts: its tail p at the standard against `most`. Of an amount per head: so many `heads` fewer
-- would not have been enough either. Anything else is a fact.
create or replace macro is_proved(is_all, evidence, compare, k, n, standard, p, most, heads, number, share) as
    case when is_all then k <= 0 or n - k > greatest(number, share * n)
         when evidence = 'share' then coalesce(p <= most, false)
         when evidence = 'per_head' then case when compare = 'at_most' then k > standard * (n + heads) else k < standard * (n - heads) end
         else true end;

-- What a cell adds to a side of an indicator. A value that is not used is not summed either: it may be of any size.
create or replace macro term_part(operation, value, lacking) as
    case
        when lacking is not null then null
        when operation = 'sum' then value
        when operation = 'minus' then -value
        when operation = 'in_place' then (value > 0)::integer::decimal(18, 4)
        else 1::decimal(18, 4)
    end;
