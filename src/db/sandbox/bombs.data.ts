const crossed = (count: number, table = 'aws_s3_bucket') =>
  Array.from({ length: count }, (_, at) => `${table} t${String(at)}`).join(', ')

/**
 * What is let through, because honest queries look the same, and would run for ever or fill the memory. Each must
 * end within seconds, by its limits or by an answer, and leave the connection usable.
 */
export const bombs: Readonly<Record<string, string>> = {
  'counting billions': `select count(*) from ${crossed(6)}`,
  'billions with a condition': `select count(*) from ${crossed(6)} where t0.bucket_name || t5.region = t3.kms_key_arn || 'x'`,
  'sorting billions': `select t0.resource_key, t5.region from ${crossed(6)} order by t5.region || t0.bucket_name, t3.size_gb limit 10`,
  'sorting billions without a limit': `select t0.*, t1.bucket_name as b, t2.bucket_name as c from ${crossed(6)} order by t5.size_gb * t1.size_gb`,
  'different ones of billions': `select count(distinct t0.resource_key || t1.resource_key || t2.resource_key) from ${crossed(4)}`,
  'groups of billions': `select t0.resource_key, t1.resource_key, t2.resource_key, t3.resource_key, count(*) from ${crossed(4)} group by 1, 2, 3, 4`,
  'a union of billions': `select t0.resource_key, t1.resource_key, t2.resource_key, t3.resource_key from ${crossed(4)}
    union select t3.resource_key, t1.resource_key, t2.resource_key, t0.resource_key from ${crossed(4)}`,
  'a window over billions': `select row_number() over (partition by t0.region order by t1.bucket_name || t2.bucket_name, t3.resource_key) from ${crossed(4)}`,
  'rows of billions': `select t0.*, t1.*, t2.*, t3.* from ${crossed(5)}`,
  'skipping billions': `select t0.region from ${crossed(6)} offset 999999999`,
  'one list of billions': `select string_agg(t0.resource_key || t1.resource_key, ',' order by t0.resource_key) from ${crossed(5)}`,
  'lists of billions': `select t0.resource_key, string_agg(t1.resource_key || t2.resource_key, ',' order by t1.resource_key)
    from ${crossed(5)} group by t0.resource_key`,
  'documents of billions': `select t0.content, t1.content, t2.content from ${crossed(4, 'resource')}`,
  'documents taken apart': `select count(json_extract_path_text(t0.content, 'list', 'Name')) from ${crossed(5, 'resource')}
    where json_extract_path_text(t1.content, 'list', 'Region') = json_extract_path_text(t2.tags, 'env')`,
  'a subquery for each of billions': `select count(*) from ${crossed(3)} where t0.size_gb >
    (select count(*) from aws_s3_bucket x where x.size_gb > t1.size_gb and x.object_count < t2.object_count)`,
  'not in, squared': `select count(*) from ${crossed(3)} where t0.resource_key || t1.resource_key || t2.resource_key not in
    (select x.resource_key || y.resource_key || z.resource_key from aws_s3_bucket x, aws_s3_bucket y, aws_s3_bucket z)`,
  'rows doubled by with queries': `with a as (select t0.region from ${crossed(3)}), b as (select x.region from a x, a y)
    select count(*) from b x, b y`,
  'with queries as tall as they may be': `with a as (select t0.resource_key as k from ${crossed(2)}), b as (select x.k || y.k as k from a x, a y),
    c as (select distinct k from b) select count(*), max(k) from c`,
  'patterns that try every way': `select count(*) from ${crossed(5)} where lpad(t0.region, 1000, 'a') like '%a%a%a%a%a%a%a%a%a%a%b'
    or lpad(t1.region, 1000, 'a') like '%a_%a_%a_%a_%a_%a_%a_%a_%b'`,
  'a pattern of a thousand blanks': `select count(*) from ${crossed(4)} where lpad(t0.region, 1000, 'a') like '${'_'.repeat(999)}b'`,
  'long texts for all': `select ${Array.from({ length: 10 }, (_, at) => `lpad(t${String(at % 4)}.bucket_name, 1000, 'x')`).join(', ')} from ${crossed(4)}`,
  'a full join of everything': `select count(*) from aws_s3_bucket a full join (select t0.resource_key from ${crossed(4)}) b on a.resource_key = b.resource_key`,
  'forty tables': `select count(*) from ${crossed(40)}`,
  'forty tables joined': `select count(*) from aws_s3_bucket t0 ${Array.from({ length: 39 }, (_, at) => `join aws_s3_bucket t${String(at + 1)} on t${String(at + 1)}.region = t${String(at)}.region`).join(' ')}`,
  'many windows': `select ${Array.from({ length: 150 }, (_, at) => `sum(t0.object_count + ${String(at)}) over (partition by t1.region order by t2.bucket_name)`).join(', ')} from ${crossed(3)}`,
  'many aggregates': `select ${Array.from({ length: 200 }, (_, at) => `count(distinct t0.object_count + ${String(at)})`).join(', ')} from ${crossed(4)}`,
  'a long list': `select count(*) from ${crossed(4)} where t0.object_count in (${Array.from({ length: 9_000 }, (_, at) => at).join(',')})`,
  'a long case': `select count(*) from ${crossed(4)} where case ${Array.from({ length: 800 }, (_, at) => `when t0.object_count = ${String(-at - 100)} then true`).join(' ')} else false end`,
  'many selected things': `select ${Array.from({ length: 400 }, (_, at) => `t0.object_count + ${String(at)}`).join(', ')} from ${crossed(3)}`,
  'deep subqueries': `select ${'(select max(object_count) from aws_s3_bucket where object_count < '.repeat(6)}50${')'.repeat(6)}`,
  'as many subqueries as there may be': `select ${Array.from({ length: 39 }, (_, at) => `(select max(x.size_gb) from aws_s3_bucket x where x.object_count < b.object_count + ${String(at)})`).join(', ')} from aws_s3_bucket b`,
  'a tree of subqueries': `select ${Array.from({ length: 5 }, () => `(select max(object_count) from aws_s3_bucket where object_count < ${Array.from({ length: 5 }, () => '(select min(object_count) from aws_s3_bucket where object_count > (select 5))').join(' + ')})`).join(' + ')}`,
  'deep and flat conditions': `select count(*) from ${crossed(4)} where ${Array.from({ length: 1_500 }, (_, at) => `t0.object_count <> ${String(at)}`).join(' and ')}`,
}
