drop schema if exists board cascade;
create schema board;

create table board.tasks (
  id int primary key,
  board_id int not null,
  title text not null,
  position int not null
);
create index tasks_of_board on board.tasks (board_id, position);

create table board.comments (
  id int primary key,
  task_id int not null references board.tasks,
  body text not null
);
create index comments_of_task on board.comments (task_id);

insert into board.tasks
select n, 1 + (n - 1) / 30, 'Task ' || n, n % 30 from generate_series(1, 1200) n;

insert into board.comments
select n, 1 + n * 7 % 1200, 'Comment ' || n from generate_series(1, 6000) n;

analyze board.tasks;
analyze board.comments;
