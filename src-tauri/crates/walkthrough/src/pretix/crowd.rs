//! Many visitors at once.

use anyhow::{Context as _, Result};

use super::{Attendee, Event, Pretix, Ticket, cluster::DATABASE};

impl Pretix {
    /// Registers so many paid visitors without photos, each with an order of their own, all but the
    /// first an hour ago.
    ///
    /// The REST interface takes a tenth of a second for each. So one is registered there, and the
    /// database makes the others after that one.
    pub async fn add_crowd(&self, event: &Event, visitors: usize) -> Result<Vec<Ticket>> {
        if visitors == 0 {
            return Ok(Vec::new());
        }
        let name = "Visitor of the crowd";
        let first = self.add(event, &Attendee { name, ..Attendee::default() }).await?;
        let (position, copies) = (first.position, visitors - 1);
        self.cluster.sql_in(
            DATABASE,
            &format!(
                "create temp table crowd as select
                     nextval(pg_get_serial_sequence('pretixbase_order', 'id')) as order_id,
                     nextval(pg_get_serial_sequence('pretixbase_orderposition', 'id')) as id,
                     md5(random()::text || n || clock_timestamp()) as secret,
                     now() - interval '1 hour' - ({copies} - n) * interval '1 millisecond'
                         as changed
                     from generate_series(1, {copies}) as n;
                 insert into pretixbase_order
                     select (jsonb_populate_record(o, jsonb_build_object(
                         'id', crowd.order_id, 'code', 'C' || crowd.order_id,
                         'secret', left(crowd.secret, 16),
                         'internal_secret', crowd.secret, 'last_modified', changed))).*
                     from crowd, pretixbase_order o join pretixbase_orderposition p
                         on p.order_id = o.id where p.id = {position};
                 insert into pretixbase_orderposition
                     select (jsonb_populate_record(p, jsonb_build_object(
                         'id', crowd.id, 'order_id', crowd.order_id, 'secret', crowd.secret,
                         'web_secret', crowd.secret, 'pseudonymization_id', 'C' || crowd.id))).*
                     from crowd, pretixbase_orderposition p where p.id = {position};
                 analyze pretixbase_order;
                 analyze pretixbase_orderposition"
            ),
        )?;
        let rows = self.cluster.ask_in(
            DATABASE,
            &format!(
                "select o.code, p.id, p.secret from pretixbase_orderposition p
                 join pretixbase_order o on p.order_id = o.id
                 where p.id > {position} order by p.id limit {copies}"
            ),
        )?;
        let ticket = |line: &String| {
            let (order, rest) = line.split_once('|').context("three columns")?;
            let (position, secret) = rest.split_once('|').context("three columns")?;
            Ok(Ticket {
                event: event.slug.clone(),
                order: order.to_owned(),
                position: position.parse()?,
                secret: secret.to_owned(),
            })
        };
        let others = rows.iter().map(ticket).collect::<Result<Vec<_>>>()?;
        Ok([vec![first], others].concat())
    }

    /// Changes all orders of an event, as if an organiser had touched each of them.
    pub fn touch_all(&self, event: &Event) -> Result<()> {
        self.cluster.sql_in(
            DATABASE,
            &format!(
                "update pretixbase_order set last_modified = clock_timestamp() where event_id =
                     (select id from pretixbase_event where slug = '{}')",
                event.slug
            ),
        )
    }
}
