-- Why: two questions within functions were at some sizes answered by reading a table of the whole authority first. Whether
-- somebody found by name is on a roll read every enrolment: it is asked for those that were found, one by one ("offset 0"
-- keeps the question as it is). Which days of a school have no sheet read the sheets of every school: it is asked of that
-- school's. Everything else of both functions stays as in 0022_whole_authority.sql and 0017_reports.sql.
do $$
declare
    change record;
    body text;
begin
    for change in
        select * from (values
            ('app.pupils_sought(uuid[], text, text, boolean, date, integer)', 3,
             '(e.to_on is null or e.to_on >= p_today))',
             '(e.to_on is null or e.to_on >= p_today) offset 0)'),
            ('app.report_refresh(uuid, date, timestamptz)', 1,
             'from app.days x where x.case_id = c.id',
             'from app.days x where x.school_id = p_school and x.case_id = c.id')
        ) as c (of, times, was, becomes)
    loop
        body := pg_get_functiondef(change.of::regprocedure);
        if (length(body) - length(replace(body, change.was, ''))) / length(change.was) <> change.times then
            raise exception '% is not as it was left', change.of;
        end if;
        execute replace(body, change.was, change.becomes);
    end loop;
end $$;
