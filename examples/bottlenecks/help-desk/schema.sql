drop schema if exists help_desk cascade;
create schema help_desk;

create table help_desk.cases (
  id int primary key,
  customer text not null,
  subject text not null,
  state text not null
);
create index open_cases on help_desk.cases (id desc) where state = 'open';

insert into help_desk.cases
select n, 'Customer ' || n % 300, 'Question ' || n, case when n % 5 = 0 then 'open' else 'closed' end
from generate_series(1, 4000) n;

analyze help_desk.cases;
