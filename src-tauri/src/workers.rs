//! The biometrics processes of the kiosk: a warm spare, the one of the present visit, and the
//! one that reads badge codes, if that setting is on.

use std::process::ExitStatus;

use biometrics::host::{Begin, Worker, WorkerEvent, WorkerSpec};
use biometrics::{CameraProblem, Guidance, Memory, ModelRefusal, Outcome, Protection, Sealed};
use checkin::{CameraTrouble, Comparison, DiscardToken, Event, VisitNonce};
use seal::BadgeCode;
use tokio::sync::mpsc;

use crate::preview::PreviewSlot;

/// How often in a row a spare may end before it is ready, until the face lane closes.
const STARTS: u32 = 3;

/// An event of the worker with this number.
pub(crate) struct WorkerInput {
    id: u32,
    event: WorkerEvent,
}

/// What the controller makes of a worker's event.
pub(crate) enum Happening {
    /// An event of a visit.
    Visit(VisitNonce, Event),
    /// A badge code was read with the camera.
    Code(VisitNonce, BadgeCode),
    /// Evidence that a law wants of this visit.
    Evidence(VisitNonce, Sealed),
    /// For the technician: the camera, with its reason.
    Camera(String),
    /// For the technician, once: what this machine does not protect.
    Weakness(&'static str),
    /// For the technician: the face lane closed, with its reason.
    LaneClosed(String),
}

struct Process {
    id: u32,
    worker: Worker,
    ready: bool,
}

struct Assigned {
    process: Process,
    visit: VisitNonce,
    order: Option<Order>,
}

enum Order {
    Compare(Box<Begin>),
    ReadCodes,
}

/// All workers of the kiosk.
pub(crate) struct Workers {
    spec: WorkerSpec,
    inputs: mpsc::Sender<WorkerInput>,
    preview: PreviewSlot,
    next_id: u32,
    spare: Option<Process>,
    capturing: Option<Assigned>,
    reading: Option<Assigned>,
    next_reading: Option<VisitNonce>,
    failed_starts: u32,
    weaknesses_told: bool,
    closed: Option<String>,
}

impl Workers {
    pub(crate) fn new(
        spec: WorkerSpec,
        inputs: mpsc::Sender<WorkerInput>,
        preview: PreviewSlot,
    ) -> Self {
        Self {
            spec,
            inputs,
            preview,
            next_id: 0,
            spare: None,
            capturing: None,
            reading: None,
            next_reading: None,
            failed_starts: 0,
            weaknesses_told: false,
            closed: None,
        }
    }

    /// Why no worker can serve, or `None`.
    pub(crate) fn closed(&self) -> Option<&str> {
        let none = self.spare.is_none() && self.capturing.is_none() && self.reading.is_none();
        self.closed.as_deref().or_else(|| none.then_some("no worker process"))
    }

    /// True when a process is there to take a visit.
    pub(crate) fn has_spare(&self) -> bool {
        self.spare.is_some()
    }

    /// Starts a spare unless there is one; a new one if another camera was plugged in since it
    /// started. `retry`: also after the face lane was closed.
    pub(crate) fn warm_up(&mut self, retry: bool) {
        if self.spare.as_ref().is_some_and(|spare| !spare.worker.may_open_camera()) {
            self.spare = None;
        }
        if self.spare.is_some() || (self.closed.is_some() && !retry) {
            return;
        }
        if retry {
            self.failed_starts = 0;
        }
        match Worker::spawn(&self.spec) {
            Ok((worker, mut events)) => {
                let id = self.next_id;
                self.next_id = self.next_id.wrapping_add(1);
                let inputs = self.inputs.clone();
                tokio::spawn(async move {
                    while let Some(event) = events.recv().await {
                        if inputs.send(WorkerInput { id, event }).await.is_err() {
                            break;
                        }
                    }
                });
                self.spare = Some(Process { id, worker, ready: false });
            }
            Err(error) => self.closed = Some(format!("no worker process: {error}")),
        }
    }

    /// The spare, able to open the present camera.
    fn take_spare(&mut self) -> Option<Process> {
        if self.spare.is_some() {
            self.warm_up(false);
        }
        self.spare.take()
    }

    /// Gives the spare to a visit, before there is anything for it to do: from here on the visit
    /// ends with the worker's exit.
    pub(crate) fn begin_capture(&mut self, visit: VisitNonce) {
        if let Some(process) = self.take_spare() {
            self.preview.set(Some(process.worker.preview()));
            self.capturing = Some(Assigned { process, visit, order: None });
        }
    }

    /// Orders the worker of a visit to compare. The camera opens when the worker is ready and no
    /// code reader holds the camera any more.
    pub(crate) fn compare(&mut self, visit: VisitNonce, begin: Begin) {
        if let Some(assigned) = self.capturing.as_mut().filter(|assigned| assigned.visit == visit) {
            assigned.order = Some(Order::Compare(Box::new(begin)));
            self.give_orders();
        }
    }

    /// Gives the spare to the reading of codes, and starts another.
    pub(crate) fn read_codes(&mut self, visit: VisitNonce) {
        if self.reading.is_some() {
            // The last reader is still ending; this one starts when it has.
            self.next_reading = Some(visit);
        } else if let Some(process) = self.take_spare() {
            self.reading = Some(Assigned { process, visit, order: Some(Order::ReadCodes) });
            self.give_orders();
            self.warm_up(false);
        }
    }

    /// Ends the reading of codes.
    pub(crate) fn stop_reading(&mut self) {
        self.next_reading = None;
        if let Some(reading) = &self.reading {
            reading.process.worker.stop();
        }
    }

    /// Asks the worker of the present visit to end.
    pub(crate) fn end_capture(&self) {
        if let Some(capturing) = &self.capturing {
            capturing.process.worker.stop();
        }
    }

    /// Kills the worker of the present visit.
    pub(crate) fn kill_capture(&self) {
        if let Some(capturing) = &self.capturing {
            capturing.process.worker.kill();
        }
    }

    fn give_orders(&mut self) {
        let camera_free = self.reading.is_none();
        for assigned in [&mut self.reading, &mut self.capturing].into_iter().flatten() {
            if !assigned.process.ready {
                continue;
            }
            let worker = &assigned.process.worker;
            let given = match assigned.order.take() {
                Some(Order::ReadCodes) => worker.read_codes(),
                Some(Order::Compare(begin)) if camera_free => worker.begin(begin),
                order => {
                    assigned.order = order;
                    Ok(())
                }
            };
            if let Err(error) = given {
                // Its exit, and the way to staff, follow.
                tracing::error!(%error, "a worker did not take its task");
                worker.kill();
            }
        }
    }

    /// Takes in one event of a worker.
    pub(crate) fn on(&mut self, input: WorkerInput) -> Vec<Happening> {
        let WorkerInput { id, event } = input;
        let is = |p: &Process| p.id == id;
        let spare = self.spare.as_ref().is_some_and(is);
        let visit = self.capturing.as_ref().filter(|a| is(&a.process)).map(|a| a.visit);
        let reader = self.reading.as_ref().filter(|a| is(&a.process)).map(|a| a.visit);
        let to_visit = |event| visit.map(|v| Happening::Visit(v, event)).into_iter().collect();
        match event {
            WorkerEvent::Ready(Protection { memory, files }) => {
                self.failed_starts = 0;
                self.closed = None;
                let assigned = [&mut self.reading, &mut self.capturing].into_iter().flatten();
                for process in assigned
                    .map(|a| &mut a.process)
                    .chain(self.spare.as_mut())
                    .filter(|p| p.id == id)
                {
                    process.ready = true;
                }
                self.give_orders();
                if std::mem::replace(&mut self.weaknesses_told, true) {
                    return Vec::new();
                }
                let swappable = (memory == Memory::Swappable).then_some(
                    "the worker's memory is not locked, and this machine has swap: switch the \
                     swap off, or raise the limit of locked memory",
                );
                let open = (!files && cfg!(target_os = "linux")).then_some(
                    "this kernel does not keep the worker from opening other files: it has no \
                     Landlock",
                );
                swappable.into_iter().chain(open).map(Happening::Weakness).collect()
            }
            WorkerEvent::ModelsRefused { file, reason } => {
                let reason = match reason {
                    ModelRefusal::Missing => "is missing",
                    ModelRefusal::WrongHash => "has a wrong SHA-256",
                    ModelRefusal::Unusable => "cannot be read or loaded",
                    ModelRefusal::ForeignThreshold => {
                        "is not the one that the threshold is for: set threshold and \
                         threshold_model of [comparison] in the configuration"
                    }
                };
                let text = format!("model file {file} {reason}");
                self.closed = Some(text.clone());
                vec![Happening::LaneClosed(text)]
            }
            WorkerEvent::CameraOpened => to_visit(Event::CameraOpened),
            WorkerEvent::CameraFailed(problem, reason) => {
                let mut happenings: Vec<_> = to_visit(Event::CameraFailed(trouble(problem)));
                happenings.push(Happening::Camera(reason));
                happenings
            }
            WorkerEvent::Guidance(g) => to_visit(Event::GuidanceGiven(guidance(g))),
            WorkerEvent::Captured => to_visit(Event::Captured),
            WorkerEvent::ReferenceUnusable(_) => to_visit(Event::ReferenceRefused),
            WorkerEvent::Evidence(sealed) => {
                visit.map(|visit| Happening::Evidence(visit, sealed)).into_iter().collect()
            }
            WorkerEvent::Outcome(outcome) => to_visit(Event::Compared(comparison(outcome))),
            WorkerEvent::Code(code) => {
                reader.map(|visit| Happening::Code(visit, code)).into_iter().collect()
            }
            WorkerEvent::Exited(status) => self.exited(spare, visit, reader.is_some(), status),
        }
    }

    fn exited(
        &mut self,
        spare: bool,
        visit: Option<VisitNonce>,
        reader: bool,
        status: ExitStatus,
    ) -> Vec<Happening> {
        let mut happenings = Vec::new();
        if spare {
            let ready = self.spare.take().is_some_and(|p| p.ready);
            if !ready {
                self.failed_starts += 1;
            }
            if self.closed.is_none() && self.failed_starts >= STARTS {
                let text = format!("the worker does not start: {status}");
                self.closed = Some(text.clone());
                happenings.push(Happening::LaneClosed(text));
            }
        }
        if reader {
            self.reading = None;
            self.give_orders();
            if let Some(visit) = self.next_reading.take() {
                self.read_codes(visit);
            }
        }
        if let Some(visit) = visit {
            self.capturing = None;
            self.preview.set(None);
            let token = DiscardToken::from_exit(visit, status);
            happenings.push(Happening::Visit(visit, Event::WorkerExited(token)));
        }
        self.warm_up(false);
        happenings
    }
}

fn trouble(problem: CameraProblem) -> CameraTrouble {
    match problem {
        CameraProblem::Lost => CameraTrouble::Lost,
        CameraProblem::None
        | CameraProblem::Busy
        | CameraProblem::Denied
        | CameraProblem::Failed => CameraTrouble::Unavailable,
    }
}

fn comparison(outcome: Outcome) -> Comparison {
    match outcome {
        Outcome::Match => Comparison::Match,
        Outcome::NonMatch => Comparison::NonMatch,
        Outcome::PoorSamples => Comparison::PoorSamples,
        Outcome::SuspectedAttack => Comparison::SuspectedAttack,
    }
}

fn guidance(guidance: Guidance) -> checkin::Guidance {
    match guidance {
        Guidance::NoFace => checkin::Guidance::LookHere,
        Guidance::SeveralFaces => checkin::Guidance::OnePerson,
        Guidance::ComeCloser => checkin::Guidance::ComeCloser,
        Guidance::MoveBack => checkin::Guidance::MoveBack,
        Guidance::CentreFace => checkin::Guidance::CentreFace,
        Guidance::TooDark => checkin::Guidance::MoreLight,
        Guidance::TooBright => checkin::Guidance::LessLight,
        Guidance::UnevenLight => checkin::Guidance::FaceLight,
        Guidance::HoldStill => checkin::Guidance::HoldStill,
        Guidance::LookAtCamera => checkin::Guidance::FaceCamera,
        Guidance::OpenEyes => checkin::Guidance::OpenEyes,
        Guidance::Uncover => checkin::Guidance::Uncover,
        Guidance::TurnLeft => checkin::Guidance::TurnLeft,
        Guidance::TurnRight => checkin::Guidance::TurnRight,
        Guidance::Nod => checkin::Guidance::Nod,
        Guidance::Blink => checkin::Guidance::Blink,
        Guidance::KeepStill => checkin::Guidance::Comparing,
    }
}
