-- Listeners of load balancers are resources of their own, not rows of their load balancer: the typed tables of that name have
-- another shape. They are made anew with the lake, and the next scan fills them.
drop view if exists public.aws_lb_listener;

drop view if exists public.aws_lb_listener_target_group;

drop table if exists lake.aws_lb_listener;

drop table if exists lake.aws_lb_listener_target_group;
