drop schema if exists blog cascade;
create schema blog;

create table blog.authors (
  id int primary key,
  name text not null,
  bio text not null
);

create table blog.posts (
  id int primary key,
  author_id int not null references blog.authors,
  title text not null,
  teaser text not null,
  published_at timestamptz not null
);
create index posts_by_day on blog.posts (published_at desc, id);

insert into blog.authors
select n, 'Author ' || n, 'Writes about subject ' || n % 17 from generate_series(1, 200) n;

insert into blog.posts
select n, 1 + n * 7 % 200, 'Post ' || n, 'What happened on day ' || n,
  timestamptz '2024-01-01 00:00Z' + n * interval '1 hour'
from generate_series(1, 5000) n;

analyze blog.authors;
analyze blog.posts;
