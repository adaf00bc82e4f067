-- Why: a case was "last marked" on the latest day with a sheet, also when nobody was marked on it: reasons alone counted,
-- and a mark that was taken back went on counting. It is the latest day with a mark that counts.
update app.cases c set last_marked_on = d.latest
from (select x.id, (select max(y.on_date) from app.days y where y.case_id = x.id and y.recorded > 0) as latest
      from app.cases x) d
where d.id = c.id and c.last_marked_on is distinct from d.latest;
