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
