-- The roll-up written by hand in DuckDB's SQL, as fast as its author knew: what the Core statement is held against.
-- {derived} is filled with the programme's ratios.
with summed as (
    select c.above_id as node_id, f.indicator, f.part, sum(f.value)::double as value,
        bool_or(coalesce(f.qualifier = 'at_least', false)) as at_least, count(f.value) as filed,
        count(*) - count(f.value) as missing, median(f.value)::double as median
    from figures f
    join closure c using (node_id)
    join wanted w on w.indicator = f.indicator and w.part = f.part
    where f.counted and (w.rollup = 'sum' or (w.rollup = 'none' and c.own_step and f.table_name = 'unit_figures'))
    group by all
), entries as (
    select c.above_id as node_id, sum(entries)::double as ledger_entries, sum(person_times)::double as ledger_person_times,
        count(distinct branch_id)::double as ledger_active_branches
    from ledger l join closure c using (node_id) group by all
), found as (
    from summed
    union all by name
    select node_id, indicator, '' as part, value, false as at_least, null as filed, 0 as missing, null as median
    from entries unpivot (value for indicator in (ledger_entries, ledger_person_times, ledger_active_branches))
    union all by name
    select * from ({derived})
), rows_ as (
    select n.*, w.indicator, w.part, round(f.value, 6) as value, coalesce(f.at_least, false) as at_least,
        coalesce(f.filed, 0)::int as filed, coalesce(f.missing, 0)::int as missing,
        case when w.median then f.median end as median, p.value as previous_value, l.value as last_year_value
    from nodes n cross join wanted w
    left join found f on f.node_id = n.node_id and f.indicator = w.indicator and f.part = w.part
    left join previous_totals p on p.node_id = n.node_id and p.indicator = w.indicator and p.part = w.part
    left join last_year_totals l on l.node_id = n.node_id and l.indicator = w.indicator and l.part = w.part
)
select *,
    case when value is not null then row_number() over tier_ end::int as rank_in_tier,
    case when value is not null then count(*) over (partition by tier, indicator, part, value is null) end::int as rank_of_tier,
    case when value is not null then row_number() over parent end::int as rank_in_parent,
    case when value is not null then count(*) over (partition by parent_id, tier, indicator, part, value is null) end::int as rank_of_parent
from rows_
window tier_ as (partition by tier, indicator, part, value is null order by value desc, code, node_id),
    parent as (partition by parent_id, tier, indicator, part, value is null order by value desc, code, node_id)
order by code, node_id, indicator, part
