drop schema if exists magazine cascade;
create schema magazine;

create table magazine.articles (
  id int primary key,
  title text not null,
  author text not null,
  published_on date not null,
  body text not null,
  search_terms text not null
);
create index articles_by_day on magazine.articles (published_on desc, id);

insert into magazine.articles
select n, 'Article ' || n, 'Author ' || n % 40, date '2022-01-01' + n,
  (select string_agg(md5((n * 1000 + part)::text), ' ') from generate_series(1, 500) part),
  (select string_agg(md5((n * 7000 + part)::text), ' ') from generate_series(1, 60) part)
from generate_series(1, 400) n;

analyze magazine.articles;
