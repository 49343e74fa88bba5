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
    message varchar not null, clause varchar, explanation varchar
);
create table if not exists period_inputs (period varchar primary key, digest varchar not null);
