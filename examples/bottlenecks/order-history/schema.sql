drop schema if exists orders cascade;
create schema orders;

create table orders.customers (
  id int primary key,
  name text not null
);

create table orders.orders (
  id int primary key,
  customer_id int not null references orders.customers,
  status text not null,
  total_cents int not null,
  placed_at timestamptz not null
);
create index orders_by_day on orders.orders (placed_at);

insert into orders.customers
select n, 'Customer ' || n from generate_series(1, 10000) n;

insert into orders.orders
select n, 1 + n * 7919 % 10000, (array['open', 'paid', 'sent', 'returned'])[1 + n % 4], 500 + n * 31 % 20000,
  timestamptz '2023-01-01 00:00Z' + n * interval '5 minutes'
from generate_series(1, 120000) n;

analyze orders.customers;
analyze orders.orders;
