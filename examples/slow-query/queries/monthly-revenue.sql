-- What was sold in a month, by category, for the report of the management.
select
  products.category,
  count(distinct orders.id) as orders,
  sum(order_items.quantity * order_items.price_cents) as revenue_cents
from orders
join order_items on order_items.order_id = orders.id
join products on products.id = order_items.product_id
where strftime('%Y-%m', orders.placed_at) = ?1
  and orders.status <> 'cancelled'
group by products.category
order by revenue_cents desc, products.category;
