create table customers (
  id integer primary key,
  name text not null,
  country text not null
);

create table products (
  id integer primary key,
  name text not null,
  category text not null
);

create table orders (
  id integer primary key,
  customer_id integer not null references customers (id),
  status text not null,
  placed_at text not null -- 2024-05-17 08:30:00, UTC
);

create table order_items (
  order_id integer not null references orders (id),
  product_id integer not null references products (id),
  quantity integer not null,
  price_cents integer not null,
  primary key (order_id, product_id)
) without rowid;

create index orders_placed_at on orders (placed_at);
