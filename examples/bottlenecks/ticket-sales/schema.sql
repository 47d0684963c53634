drop schema if exists sales cascade;
create schema sales;

create table sales.events (
  id int primary key,
  title text not null,
  price_cents int not null,
  sold int not null default 0,
  capacity int not null
);

create table sales.tickets (
  id bigint generated always as identity primary key,
  event_id int not null references sales.events,
  buyer text not null,
  payment text not null,
  sold_at timestamptz not null default now()
);

insert into sales.events (id, title, price_cents, capacity)
select n, 'Concert ' || n, 2500 + n * 100, 1000000 from generate_series(1, 50) n;

analyze sales.events;
