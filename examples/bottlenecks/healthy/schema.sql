drop schema if exists library cascade;
create schema library;

create table library.books (
  id int primary key,
  title text not null,
  author text not null,
  shelf int not null
);
create index books_by_shelf on library.books (shelf, id);

insert into library.books
select n, 'Book ' || n, 'Author ' || n % 400, 1 + n % 250 from generate_series(1, 5000) n;

analyze library.books;
