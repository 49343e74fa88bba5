-- Whether the version that counts can be relied on, of units where it ever could not. Grain: unit, period.
-- `level` is null where nothing is left to correct or to explain. A period without a version that counts is not judged.
with standing as (
    select s.*, u.name, p.label_zh as period_zh, g.passes, g.grade_zh, g.points, g.gate_points, g.reason as grade_reason, r.quality_clause,
           case when not g.passes then r.under_gate when s.n_block > 0 then r.to_correct when s.n_explain > 0 then r.to_explain end as level
    from submissions s
    join dim_unit u using (unit_code)
    join dim_period p using (period)
    join grades g using (submission_id)
    join flag_rules r using (period)
    where s.counts
)
select unit_code, period, 'quality' as kind, null::varchar as indicator, level,
       case when level is not null then quality_clause end as clause,
       case when level is null then null
            when not passes then
                name || period_zh || '报表数据质量为' || grade_zh || '（' || plain(points) || '分，达到' || plain(gate_points)
                    || '分方可作为依据），本期各项数据暂不能作为依据，不作绩效预警，也不作为示范点评选的依据。'
                    || grade_reason || '请按问题清单改正或说明后重新报送。'
            else name || period_zh || '报表有'
                    || case when n_block > 0 then n_block || '处必须改正' else '' end
                    || case when n_block > 0 and n_explain > 0 then '、' else '' end
                    || case when n_explain > 0 then n_explain || '处需要说明' else '' end || '，相关数据暂不采用，请改正或说明后重新报送。'
       end as reason,
       case when level is not null then '第' || version || '版，强制' || n_block || '处，核实' || n_explain || '处' end as evidence,
       level is not null as until_mended
from standing
qualify count(level) over (partition by unit_code) > 0
