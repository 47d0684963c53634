drop schema if exists basket cascade;
create schema basket;

create table basket.customers (
  id int primary key,
  name text not null,
  country text not null,
  discount_percent int not null
);

create table basket.lines (
  id int primary key,
  basket_id int not null,
  customer_id int not null references basket.customers,
  article text not null,
  pieces int not null,
  cents int not null
);
create index lines_of_basket on basket.lines (basket_id, id);

create table basket.vat_rates (
  country text primary key,
  percent int not null
);

insert into basket.customers
select n, 'Customer ' || n, (array['DE', 'FR', 'NL'])[1 + n % 3], n % 4 * 5 from generate_series(1, 500) n;

insert into basket.lines
select n, 1 + (n - 1) / 10, 1 + (n - 1) / 10 % 500, 'Article ' || n % 90, 1 + n % 3, 300 + n * 37 % 5000
from generate_series(1, 10000) n;

insert into basket.vat_rates values ('DE', 19), ('FR', 20), ('NL', 21);

analyze basket.customers;
analyze basket.lines;
