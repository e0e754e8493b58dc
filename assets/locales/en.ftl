# English. Each problem comes in a pair: what happened, and what to do (.todo).

## Everywhere
language-name = English
language-switch = 切换到中文
stop = Stop
call-staff = Ask for help
staff-open = Staff
done = Done
receipt = Receipt
receipt-title = Your receipt
receipt-what = Scan it: how the check ended, when your face data were cleared. No name, no picture.
try-again = Try again
back = Back
seconds-left = { $seconds } seconds left
demonstration = Demonstration · recorded pictures
step-badge = Scan badge
step-choice = Choose
step-gate = Walk through

## Attract
attract-title = Scan your badge
attract-start = Start check-in
attract-staff-today = Staff check badges here today
attract-staff-today-todo = Scan your badge first; a member of staff will serve you at once
attract-how-choice = Face or staff: you choose

## Identify
identify-title = Scan your badge
identify-todo = Hold the code on your badge in front of the scanner
identify-type = Type the code instead
identify-typing = Type the code on your badge
identify-code = Badge code
identify-backspace = Delete
identify-submit = OK
identify-looking-up = Finding your badge
identify-looking-up-todo = One moment, please
identify-camera = The camera is on, only to read codes
identify-camera-todo = No pictures of you are used

## Code problem
code-problem-unknown = This kiosk does not know this badge
    .todo = Please scan it again, or ask for help
code-problem-malformed = The code could not be read
    .todo = Please scan it again, or check the code you typed
code-problem-already_used = This badge has already checked in
    .todo = To enter again, please ask for help
code-problem-expired = This badge is no longer valid
    .todo = Our staff can tell you what to do next
code-problem-not_yet_valid = This badge is not valid yet
    .todo = Please look at the date on it, or ask for help
code-problem-blocked = This badge needs a member of staff
    .todo = Please ask for help; they will look into it
code-used-at = Checked in at { $time }

## Consent
consent-title = Choose how to check in
consent-purpose = Purpose
consent-method = Method
consent-retention = Storage
consent-effect = Effect
consent-use-face = Use my face
consent-other-way = Use another way
consent-version = Version { $version }, updated { $updated }
consent-contact = Contact: { $contact }

consent-changed = This text has just changed.
    .todo = Please read it again; nothing of what you chose before counts.
consent-eea = For visitors from the European Economic Area:
consent-transfer-on = Yes, send
consent-transfer-off = No, send nothing

## The policy in full
policy-open = Privacy policy
policy-title = Privacy policy
policy-versions = Versions
policy-version = Version { $version }
policy-in-force = In force
policy-changes-show = What changed
policy-changes-hide = Only the text
policy-added = New
policy-removed = Gone
policy-subject-face = Comparison of faces
policy-subject-legal_basis = Legal basis
policy-subject-scope = What this is about
policy-subject-data = Data
policy-subject-purposes = Purposes
policy-subject-sharing = Who else receives data
policy-subject-storage = Where and how long
policy-subject-security = Protection and incidents
policy-subject-rights = Your rights
policy-subject-children = Children
policy-subject-transfer = Transfer abroad
policy-subject-updates = Changes of this policy
policy-subject-eea = Visitors from the European Economic Area
policy-subject-transfer_terms = Terms of a transfer abroad

## Age
age-title = How old are you?
age-todo = Or ask whoever is with you
age-under_14 = Under 14
age-from_14 = 14 or over

## Capture
prepare-title = Opening the camera
prepare-todo = Please stand facing the screen
capture-preview = Live picture from the camera
capture-other-way = Use another way
guidance-look_here = Please look here
guidance-one_person = One person at a time, please
guidance-come_closer = Please come a little closer
guidance-move_back = Please step back a little
guidance-centre_face = Please move into the frame
guidance-more_light = A bit dark: please move to a brighter spot
guidance-less_light = Too bright: please turn a little
guidance-hold_still = Please hold still
guidance-face_light = Please turn your face to the light
guidance-face_camera = Please face the camera
guidance-open_eyes = Please open your eyes
guidance-uncover = To use your face, you may take off the mask. Or use another way, below
guidance-turn_left = Please turn your head to your left
guidance-turn_right = Please turn your head to your right
guidance-nod = Please nod slowly
guidance-blink = Please blink slowly
guidance-comparing = Good, stay like this

## Decide and discard
decide-title = Checking
decide-todo = The camera is off. One moment, please
discard-title = Clearing your face data
discard-todo = One moment, please

## Admit
admit-opening = All done
    .todo = The gate is opening, one moment
admit-open = Please go through
    .todo = Welcome! Walk straight ahead

## Staff will help
staff-title = A colleague is coming to help you
staff-todo = Please wait here, or go to the desk on the right
staff-reason-your_choice = You chose to be checked by staff
    .todo = Have your badge ready; it usually takes a minute
staff-reason-no_result = This kiosk could not complete the check
    .todo = A member of staff will help; it usually takes a minute
staff-reason-photo_unusable = Your registered photo cannot be used here
    .todo = Staff will help now; you can update the photo where you registered
staff-reason-camera_unavailable = The camera here is not working now
    .todo = A member of staff will help; it usually takes a minute
staff-reason-face_lane_closed = Faces are not used here at present
    .todo = Have your badge ready; a member of staff will check it
staff-reason-badge_problem = Your badge needs a member of staff
    .todo = Please show your badge; they will look into it
staff-reason-kiosk_problem = This kiosk has a problem
    .todo = A member of staff will help; it usually takes a minute

## The visitor's rights
rights-open = My data
rights-title = Your data and your rights
rights-reading = Looking up what is held
rights-held = What this kiosk holds on you
rights-until = Kept until { $until }
rights-not-held = Not held: a picture of you from this kiosk, or features of your face.
rights-values = Name and photo are sealed: a member of staff shows them to you after seeing who you are.
rights-explanation = How the check went
rights-turn-to = A person can look at it again: our staff here, or { $contact }
rights-ask = Ask for something, free of charge
rights-number = Number of your request
rights-due = Answer at the latest on
rights-filed-todo = Please note the number, or take a copy.
rights-withdrawn = Your consent is taken back from now on; what was done before stays lawful.
rights-copy = Take a copy
    .todo = Scan it: what is held, your requests and their dates, signed by this kiosk
held-name = Your name, sealed: only your badge opens it
held-photo = Your certificate photo, sealed: only your badge opens it
held-registered = That your badge is registered
held-validity = Your badge is valid { $about }
held-age_under14 = That you are under 14
held-age_from14 = That you are 14 or over
held-face_given = { $on }: you agreed to the comparison of your face (policy { $about })
held-face_refused = { $on }: you chose the other way (policy { $about })
held-face_withdrawn = { $on }: you took your consent back (policy { $about })
held-transfer_given = { $on }: you agreed to a transfer abroad (policy { $about })
held-transfer_refused = { $on }: you agreed to no transfer abroad (policy { $about })
held-transfer_withdrawn = { $on }: you took the consent to a transfer abroad back (policy { $about })
held-checkin_face = { $on }: checked in by face
held-checkin_staff = { $on }: checked in by staff
held-checkin_taken_back = { $on }: a check-in that was taken back
held-guardian = { $on }: a guardian’s consent
held-evidence = Sealed pictures that a law wants kept: { $about }. This kiosk cannot open them
held-request_open = { $on }: request { $about }, waiting for an answer
held-request_answered = { $on }: request { $about }, answered
held-log = A log of what happened here, under a pseudonym, kept for { $about } days
request-correction = Correct my data
request-deletion = Delete my data
request-restriction = Restrict the use of my data
request-objection = Object to the use of my data
request-portability = Get my data to take elsewhere
request-withdrawal = Take back my consent
request-explanation = Explain a decision to me
request-complaint = Complain
explanation-person = A member of staff decided, not a machine.
explanation-not_compared = The kiosk looked your badge up. No comparison of your face was completed. A person decides.
explanation-no_result = The kiosk was to compare your face with your registered photo and came to no result. A person decides.
explanation-photo_unusable = Your registered photo cannot be used: nothing was compared. A person decides.
explanation-camera_unavailable = The camera did not work: nothing was compared. A person decides.
explanation-face_lane_closed = Faces are not compared here, or not at your age. A person decides.
explanation-badge = The kiosk looked your badge up; your face was not compared. A person decides.
explanation-kiosk_problem = A part of this kiosk did not work. A person decides.
explanation-admitted = The check is complete: the gate was opened for you.

## Staff sign-in
sign-in-title = Staff sign-in
sign-in-number = Number
sign-in-pin = PIN
sign-in = Sign in
sign-in-backspace = Delete
sign-in-problem-wrong = Wrong number or PIN
    .todo = Enter them again; { $left ->
        [one] one attempt left
       *[other] { $left } attempts left
    }
sign-in-problem-unavailable = The sign-in cannot be checked now
    .todo = Call a technician
sign-in-problem-locked = Locked for now
    .todo = Try again in { $time }, or ask your supervisor

## Staff review
review-title = Staff { $staff }
review-name = Registered name
review-no-name = No badge identified
review-photo = Registered photo
review-no-photo = No photo
review-used-at = Checked in at { $time }
review-admit = Admit
review-deny = Refuse entry
review-end-visit = End visit
review-sign-out = Sign out
review-reasons = Reason for refusing (choose first)
review-not-yours = Visitors are served by a guard or a supervisor
    .todo = You see nothing of visitors here. Sign out, and call one of them
review-may-not-admit = This kiosk cannot admit this badge
    .todo = Use the manual lane, or end the visit
review-guardian-open = Guardian
review-guardian = A guardian agrees to the comparison
    .todo = Read the notice together, look at one document, and check that the guardian is who it names. Write down no number.
review-guardian-proofs = Document looked at
review-guardian-proof-identity_card = Identity card
review-guardian-proof-passport = Passport
review-guardian-proof-household_register = Household register
review-guardian-proof-birth_certificate = Birth certificate
review-guardian-proof-guardianship_order = Guardianship order
review-guardian-agree = Record the consent
review-guardian-agreed = A guardian’s consent is recorded
    .todo = At the guardian’s word it is deleted at once, with every choice made under it.
review-guardian-revoke = Delete the consent
staff-detail-other_way = The visitor chose to be checked by staff
    .todo = Compare the person, photo and badge, then admit
staff-detail-asked_for_staff = Help was asked for
    .todo = Ask what is needed
staff-detail-non_match = Does not match the registered photo
    .todo = Compare person and photo closely; look at an identity document if needed
staff-detail-poor_samples = No picture was clear enough
    .todo = Compare the person with the photo, then admit
staff-detail-suspected_attack = Unusual pictures: look closely
    .todo = Make sure the person is here; check an identity document face to face
staff-detail-reference_unusable = Registered photo missing or unusable
    .todo = Look at an identity document; ask the visitor to update the photo
staff-detail-camera_unavailable = The camera could not be opened
    .todo = Check in person and tell a technician
staff-detail-camera_lost = The camera was lost while in use
    .todo = Check in person and tell a technician
staff-detail-worker_failed = The checking program ended unexpectedly
    .todo = Check in person and tell a technician
staff-detail-face_lane_closed = Faces are not used at this kiosk
    .todo = Compare the person with the photo, then admit
staff-detail-under_age = Under 14, no guardian’s consent recorded
    .todo = Check in person together with the guardian
staff-detail-timed_out = The step took too long
    .todo = Ask whether help is needed, then check in person
staff-detail-code_unknown = The code is not in the roster
    .todo = Look at the badge; the desk can find the registration
staff-detail-code_malformed = The code could not be read
    .todo = Scan again, or have the badge replaced at the desk
staff-detail-code_already_used = This badge has already checked in
    .todo = Find out whether the holder is entering again
staff-detail-code_expired = The badge has expired
    .todo = Send the visitor to the desk
staff-detail-code_not_yet_valid = The badge is not valid yet
    .todo = Look at the date; ask the visitor to come back then
staff-detail-code_blocked = The organiser has blocked this badge
    .todo = Call your supervisor
staff-detail-gate_failed = The gate did not answer
    .todo = Look at the gate; open it by hand if needed
staff-detail-record_failed = The check-in could not be written
    .todo = Do not admit twice; tell a technician
staff-detail-after_fault = The kiosk has just recovered from a fault
    .todo = Check in person and tell a technician
denial-reason-not_the_holder = Not the registered person
    .todo = The desk can find your own registration
denial-reason-badge_not_valid = Badge not valid for this entry
    .todo = The desk can find a valid badge for you
denial-reason-identity_not_shown = Identity not shown
    .todo = Please bring an identity document
denial-reason-house_rules = House rules
    .todo = The desk can explain the rules to you

## Requests, for staff
requests-panel = Visitors’ requests
requests-open = Requests to answer: { $records }
requests-overdue = Overdue: { $records }
requests-late = Overdue
requests-due = Answer by
requests-kind = What is asked for
requests-number = Number
requests-to-carry = Not yet carried to the registration platform: { $records }
requests-how = A supervisor or the data-protection officer answers them: postern requests list, answer, export.

## Technician
technician-open = Technical status
technician-close = Back to the visit
technician-trouble = To mend
technician-version = Version
technician-data-dir = Data folder
technician-face-lane = Face lane
technician-camera = Camera
technician-roster = Roster
technician-outbox = Check-ins waiting
technician-refused = not accepted: { $records }
technician-link = Registration platform
technician-link-none = Not connected
technician-link-connected = Connected
technician-link-lost = No answer; nothing is lost
technician-link-revoked = Account revoked: connect this kiosk again
technician-retention = Retention by law
technician-retention-off = Off
technician-retention-on = On
technician-retention-lapsed = Off: the terms have changed
technician-evidence = sealed records held: { $records }
technician-incidents = Recent faults
technician-fine = Fine
technician-none = None

## Denied
denied-title = We are sorry: no entry this time
denied-by-person = A member of staff decided this, not a machine.
denied-turn-to = Any questions? Please go to the desk on the right
denied-reason = Reason: { $reason }

## Farewell
farewell-title = You stopped: your face data are cleared
farewell-todo = The camera is off, and nothing of what it saw is left
farewell-start = Next visitor

## Fault
fault-title = This kiosk is out of service
fault-todo = Please go to the desk on the right to check in
fault-code-store = Storage fault
    .todo = Technician: check the data folder and the key
fault-code-no_roster = No roster has been imported
    .todo = Technician: import the roster
fault-code-internal = Internal fault
    .todo = Technician: read the log
fault-incident = No. { $incident }
ui-error-not_now = This is not possible now
    .todo = Please go on as the screen says
ui-error-stopped = This kiosk is out of service
    .todo = A member of staff will check you in

## What a technician should mend, on the staff's screens
trouble-disk_full = The kiosk’s disk is full: no check-in can be written
    .todo = Let people in by hand and call a technician
    .fix = Free some space; the kiosk goes on by itself.
trouble-disk_read_only = The kiosk’s disk cannot be written to: no check-in can be written
    .todo = Let people in by hand and call a technician
    .fix = Mount it for writing, or replace it; the kiosk goes on by itself.
trouble-disk = The kiosk’s disk does not work as it should
    .todo = Call a technician
    .fix = Look at the machine’s log and replace the disk.
trouble-database_damaged = A part of the kiosk’s database is damaged
    .todo = Serve people in person and call a technician
    .fix = Move postern.db away with its -wal file and import the roster again; check-ins that were not sent are in the old file.
trouble-database = The kiosk’s database cannot be opened
    .todo = Serve people in person and call a technician
    .fix = The reason is in the list of faults; the kiosk tries again every few seconds.
trouble-clock_behind = The machine’s clock is wrong; the kiosk goes on with its own
    .todo = Call a technician when it is quiet
    .fix = Set the clock. If the kiosk’s own is the wrong one: postern clock --accept.
trouble-clock_ahead = The machine’s clock went ahead by more than a day
    .todo = Call a technician
    .fix = If that was a mistake, set the clock and run postern clock --accept.
