/** What people ask of a lake; the tables are those of sandbox.fixture.ts. Each must work, alike on every engine. */
export const honestQueries: Readonly<Record<string, string>> = {
  'all rows of a table': `select * from aws_s3_bucket order by resource_key`,
  'with the schema before it': `select bucket_name from public.aws_s3_bucket order by bucket_name limit 5`,
  'a filter and a page': `select bucket_name, region from aws_s3_bucket where region = 'eu-west-1' and not is_public
    order by bucket_name desc limit 10 offset 3`,
  'what was not read': `select resource_key from aws_s3_bucket where is_public is null order by 1`,
  'rows per group': `select region, count(*) from aws_s3_bucket group by region order by count(*) desc, region`,
  'group by number': `select region, account_id, count(*) as buckets from aws_s3_bucket group by 1, 2 order by 3 desc, 1, 2`,
  'group by an alias': `select case when size_gb > 5 then 'large' when size_gb <= 5 then 'small' else 'unread' end as size,
    count(*) from aws_s3_bucket group by size order by size`,
  'several aggregates': `select account_id, count(*), count(size_gb), count(distinct region), sum(object_count), min(bucket_name),
    max(bucket_name), min(created_at), max(size_gb) from aws_s3_bucket group by account_id order by account_id`,
  'aggregates with filters': `select account_id, count(*) filter (where is_public) as public_buckets,
    count(*) filter (where is_public is null) as unread from aws_s3_bucket group by account_id order by 1`,
  'a share': `select account_id, count(*) filter (where is_public) * 100.0 / count(*) as percent from aws_s3_bucket
    group by account_id order by account_id`,
  'a rounded mean': `select region, round(avg(object_count), 2) as mean from aws_s3_bucket group by region order by region`,
  having: `select region from aws_s3_bucket group by region having count(*) > 10 and bool_or(is_public) order by region`,
  'aggregates without groups': `select count(*), sum(size_gb), avg(size_gb), bool_and(is_public) from aws_s3_bucket`,
  'over no rows': `select count(*), sum(object_count), max(bucket_name), bool_or(is_public) from aws_s3_bucket where false`,
  'a join': `select b.bucket_name, g.grantee, g.permission from aws_s3_bucket b
    join aws_s3_bucket_grant g on g.account_id = b.account_id and g.resource_key = b.resource_key
    where g.grantee = 'AllUsers' order by b.bucket_name, g._nr`,
  'an outer join': `select b.bucket_name, g.permission from aws_s3_bucket b
    left join aws_s3_bucket_grant g on g.resource_key = b.resource_key and g.grantee = 'AllUsers'
    order by b.bucket_name, g.permission nulls first`,
  'a right join': `select g._nr, b.region from aws_s3_bucket_grant g right join aws_s3_bucket b
    on g.resource_key = b.resource_key and g.permission = 'WRITE' order by b.resource_key, g._nr`,
  'a full join': `select a.region, b.region from (select region from aws_s3_bucket where object_count > 9000) a
    full join (select region from aws_s3_bucket where is_public) b on a.region = b.region order by 1, 2`,
  'a join with a comma': `select count(*) from aws_s3_bucket b, aws_s3_bucket_grant g where b.resource_key = g.resource_key`,
  'a cross join': `select a.region, f.title from (select distinct region from aws_s3_bucket) a cross join framework f order by 1`,
  'a table joined with itself': `select a.bucket_name, b.bucket_name as other from aws_s3_bucket a
    join aws_s3_bucket b on a.kms_key_arn = b.kms_key_arn and a.resource_key < b.resource_key
    where a.kms_key_arn <> '' order by a.resource_key, b.resource_key limit 50`,
  exists: `select bucket_name from aws_s3_bucket b where exists (select 1 from aws_s3_bucket_grant g
    where g.resource_key = b.resource_key and g.grantee = 'AllUsers') order by bucket_name`,
  'not exists': `select count(*) from aws_s3_bucket b where not exists (select 1 from aws_s3_bucket_grant g
    where g.resource_key = b.resource_key and g.permission = 'WRITE')`,
  'in a subquery': `select bucket_name from aws_s3_bucket where resource_key in
    (select resource_key from aws_s3_bucket_grant where permission = 'WRITE') order by 1`,
  'not in a list': `select distinct region from aws_s3_bucket where region not in ('us-east-1', 'ap-south-1') order by region`,
  'a subquery as a value': `select bucket_name, (select count(*) from aws_s3_bucket_grant g where g.resource_key = b.resource_key
    and g.account_id = b.account_id) as grants from aws_s3_bucket b order by 2 desc, 1 limit 20`,
  'above the mean': `select bucket_name from aws_s3_bucket where size_gb > (select avg(size_gb) from aws_s3_bucket) order by 1`,
  'with queries': `with open as (select * from aws_s3_bucket where is_public),
    per_region as (select region, count(*) as n from open group by region)
    select p.region, p.n, (select sum(n) from per_region) as total from per_region p order by p.n desc, p.region`,
  'a with query used twice': `with sizes as (select region, size_gb from aws_s3_bucket where size_gb is not null)
    select s.region, max(s.size_gb) as greatest from sizes s where s.size_gb <= (select avg(size_gb) * 2 from sizes)
    group by s.region order by 1`,
  'a with query that hides a table': `with aws_s3_bucket as (select region from public.aws_s3_bucket where is_public)
    select count(*) from aws_s3_bucket`,
  'a union': `select account_id from aws_s3_bucket union select resource_key from resource where table_name = 'x' order by 1`,
  'a union of all': `select 'bucket' as kind, count(*) as n from aws_s3_bucket union all
    select 'grant', count(*) from aws_s3_bucket_grant order by kind`,
  'an intersection': `select resource_key from aws_s3_bucket intersect select resource_key from aws_s3_bucket_grant
    where permission = 'WRITE' order by resource_key limit 10`,
  'a difference': `select resource_key from aws_s3_bucket except select resource_key from aws_s3_bucket_grant
    where permission = 'WRITE' order by 1`,
  'different pairs': `select distinct region, is_public from aws_s3_bucket order by region, is_public nulls first`,
  'the newest of each': `select region, bucket_name from (select region, bucket_name,
    row_number() over (partition by region order by created_at desc, resource_key) as nr from aws_s3_bucket) ranked
    where nr <= 3 order by region, nr`,
  ranks: `select bucket_name, rank() over (order by region), dense_rank() over (order by region desc),
    ntile(4) over (order by resource_key) from aws_s3_bucket order by resource_key`,
  'before and after': `select resource_key, lag(object_count) over (order by resource_key) as before,
    lead(object_count, 2, 0) over (partition by region order by resource_key) as after from aws_s3_bucket order by resource_key`,
  'a running total': `select resource_key, sum(object_count) over (partition by account_id order by resource_key) as so_far,
    count(*) over (partition by account_id) as of from aws_s3_bucket order by resource_key`,
  'a share of the whole': `select region, count(*) * 1.0 / sum(count(*)) over () as share from aws_s3_bucket group by region order by 1`,
  'per month': `select date_trunc('month', created_at) as month, count(*) from aws_s3_bucket
    where created_at > timestamptz '2000-01-01 00:00:00+00' group by 1 order by 1`,
  'months as text': `select to_char(created_at, 'YYYY-MM') as month, count(*) as n from aws_s3_bucket group by month order by month`,
  'older than 90 days': `select count(*) from aws_s3_bucket where created_at < now() - interval '90 days'
    and created_at <> timestamptz '0001-01-01 00:00:00+00'`,
  'since a day in quotes': `select count(*) from aws_s3_bucket where created_at >= '2025-06-01'`,
  'age in days': `select bucket_name, extract(day from now() - created_at) as days from aws_s3_bucket order by days desc, bucket_name limit 10`,
  'parts of a time': `select extract(year from created_at) as year, extract(month from created_at) as month, count(*)
    from aws_s3_bucket group by 1, 2 order by 1, 2`,
  'by day': `select cast(created_at as date) as day, count(*) from aws_s3_bucket group by cast(created_at as date) order by day`,
  'texts put together': `select upper(region) || ': ' || bucket_name as label, length(bucket_name) from aws_s3_bucket order by label`,
  'parts of a text': `select distinct split_part(kms_key_arn, ':', 4) as region, right(kms_key_arn, 5) as tail from aws_s3_bucket order by 1, 2`,
  like: `select bucket_name from aws_s3_bucket where bucket_name like 'bucket-1_' or bucket_name ilike '%GR%' order by 1`,
  'a list in one text': `select region, string_agg(bucket_name, ', ' order by bucket_name) as names from aws_s3_bucket
    where is_public group by region order by region`,
  'a list of different ones': `select account_id, string_agg(distinct region, ',' order by region) from aws_s3_bucket group by 1 order by 1`,
  'values instead of NULL': `select resource_key, coalesce(size_gb, 0), coalesce(is_public, false), nullif(kms_key_arn, '')
    from aws_s3_bucket order by 1`,
  'the greater of two': `select resource_key, greatest(object_count, 100), least(size_gb, 3) from aws_s3_bucket order by resource_key`,
  'from a document': `select resource_key, json_extract_path_text(content, 'list', 'Name') as name,
    json_array_length(json_extract_path(content, 'acl', 'Grants')) as grants,
    json_extract_path_text(content, 'acl', 'Grants', '1', 'P') as second from resource order by resource_key`,
  'by a tag': `select json_extract_path_text(tags, 'env') as env, count(*) from resource group by 1 order by 1`,
  'documents themselves': `select resource_key, content from resource order by resource_key limit 3`,
  'columns called alike': `select b.region, g.region from aws_s3_bucket b join aws_s3_bucket_grant g on g.resource_key = b.resource_key
    order by b.resource_key, g._nr limit 4`,
  'names with quotes in them': `select "x"", y".region as "a""b; --" from aws_s3_bucket "x"", y" order by 1 limit 3`,
  'without a table': `select 1 as one, 'text' as words, now() as moment, true and not false as yes, null as nothing`,
  'two steps of grouping': `select max(n), min(n), avg(n) from (select region, count(*) as n from aws_s3_bucket group by region) per_region`,
}
