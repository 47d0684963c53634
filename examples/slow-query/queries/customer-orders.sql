-- The last orders of a customer, for the page "my orders".
select
  orders.id,
  orders.placed_at,
  orders.status,
  count(*) as items,
  sum(order_items.quantity * order_items.price_cents) as total_cents
from orders
join order_items on order_items.order_id = orders.id
where orders.customer_id = ?
group by orders.id
order by orders.placed_at desc, orders.id desc
limit 20;
