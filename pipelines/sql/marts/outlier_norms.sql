-- The peers' median of an answer, on the scale on which it is compared (expectations/outliers.yaml). Grain: period, question, month of the quarter, peer group.
select n.*
from norms_found n
join dim_period using (period)
