# 简体中文：主要语言，以此为准。每个问题成对：发生了什么，以及该怎么做（.todo）。

## 通用
language-name = 中文
language-switch = Switch to English
stop = 停止
call-staff = 请工作人员帮助
staff-open = 工作人员入口
done = 完成
receipt = 核验回执
receipt-title = 您的核验回执
receipt-what = 请用手机扫码留存。回执写明核验结果和人脸数据的清除时间，不含姓名和影像。
try-again = 再试一次
back = 返回
seconds-left = 剩余 { $seconds } 秒
demonstration = 演示模式 · 使用录制画面
step-badge = 扫描证件
step-choice = 选择方式
step-gate = 通过闸机

## 待机
attract-title = 请扫描您的证件
attract-start = 开始签到
attract-staff-today = 今天由工作人员为您核验证件
attract-staff-today-todo = 请先扫描证件，工作人员随即为您服务
attract-how-choice = 人脸或人工，由您选择

## 扫描证件
identify-title = 请扫描您的证件
identify-todo = 将证件上的二维码对准扫描口
identify-type = 改为输入证件编号
identify-typing = 请输入证件上的编号
identify-code = 证件编号
identify-backspace = 删除
identify-submit = 确定
identify-looking-up = 正在查找您的证件
identify-looking-up-todo = 请稍候
identify-camera = 摄像头已开启，仅用于读取二维码
identify-camera-todo = 不会使用您的影像

## 证件不可用
code-problem-unknown = 本机没有找到这张证件
    .todo = 请再扫描一次，或请工作人员帮助
code-problem-malformed = 没能读出证件编号
    .todo = 请对准二维码再扫描一次，或核对输入的编号
code-problem-already_used = 这张证件已签到入场
    .todo = 如需再次入场，请工作人员帮助
code-problem-expired = 这张证件已过有效期
    .todo = 工作人员可以为您查看办理方式
code-problem-not_yet_valid = 这张证件尚未生效
    .todo = 请查看证件上的日期，或请工作人员帮助
code-problem-blocked = 这张证件需人工处理
    .todo = 请工作人员帮助，他们会为您查看
code-used-at = 签到时间 { $time }

## 同意
consent-title = 请选择核验方式
consent-purpose = 用途
consent-method = 方式
consent-retention = 保存
consent-effect = 影响
consent-use-face = 使用人脸核验
consent-other-way = 使用其他方式
consent-version = 版本 { $version }，更新于 { $updated }
consent-contact = 联系方式：{ $contact }

consent-changed = 本说明刚刚更新。
    .todo = 请重新阅读；您此前的选择不再算数。
consent-eea = 供来自欧洲经济区的访客阅读：
consent-transfer-on = 同意发送
consent-transfer-off = 不发送

## 政策全文
policy-open = 隐私政策
policy-title = 隐私政策
policy-versions = 各版本
policy-version = 版本 { $version }
policy-in-force = 现行
policy-changes-show = 显示变更
policy-changes-hide = 只看正文
policy-added = 新增
policy-removed = 删去
policy-subject-face = 人脸比对
policy-subject-legal_basis = 法律依据
policy-subject-scope = 适用范围
policy-subject-data = 收集的信息
policy-subject-purposes = 用途
policy-subject-sharing = 提供给谁
policy-subject-storage = 存放地点与期限
policy-subject-security = 安全保护与事件告知
policy-subject-rights = 您的权利
policy-subject-children = 儿童
policy-subject-transfer = 出境
policy-subject-updates = 政策变更
policy-subject-eea = 来自欧洲经济区的访客
policy-subject-transfer_terms = 出境条款

## 年龄
age-title = 您的年龄？
age-todo = 也可以请同行的人帮您选择
age-under_14 = 未满 14 周岁
age-from_14 = 14 周岁及以上

## 采集
prepare-title = 正在开启摄像头
prepare-todo = 请面向屏幕站好
capture-preview = 摄像头实时画面
capture-other-way = 使用其他方式
guidance-look_here = 请看这里
guidance-one_person = 请一位一位来
guidance-come_closer = 请靠近一点
guidance-move_back = 请后退一点
guidance-centre_face = 请把脸移到框内
guidance-more_light = 这里有点暗，请移到亮一点的地方
guidance-less_light = 光线太强，请稍微转向
guidance-hold_still = 请保持不动
guidance-face_light = 请把脸转向光亮的一侧
guidance-face_camera = 请正对镜头
guidance-open_eyes = 请睁开眼睛
guidance-uncover = 若使用人脸核验，可摘下口罩；也可选下方的其他方式
guidance-turn_left = 请把头转向您的左边
guidance-turn_right = 请把头转向您的右边
guidance-nod = 请慢慢点一下头
guidance-blink = 请慢慢眨一下眼
guidance-comparing = 很好，请保持

## 核对与清除
decide-title = 正在核对
decide-todo = 摄像头已关闭，请稍候
discard-title = 正在清除人脸数据
discard-todo = 请稍候，马上就好

## 放行
admit-opening = 核验完成
    .todo = 闸机正在开启，请稍候
admit-open = 请通行
    .todo = 欢迎您！请直行通过闸机

## 工作人员协助
staff-title = 工作人员马上为您服务
staff-todo = 请在此稍候，或前往右侧服务台
staff-reason-your_choice = 您选择了由工作人员核验
    .todo = 请准备好证件，通常只需一分钟
staff-reason-no_result = 本机未能完成核验
    .todo = 请由工作人员协助，通常只需一分钟
staff-reason-photo_unusable = 您登记的证件照在本机无法使用
    .todo = 请由工作人员核验，之后可在报名平台更新照片
staff-reason-camera_unavailable = 本机摄像头暂时无法使用
    .todo = 请由工作人员协助，通常只需一分钟
staff-reason-face_lane_closed = 本机目前不提供人脸核验
    .todo = 请准备好证件，由工作人员为您核验
staff-reason-badge_problem = 您的证件需要工作人员查看
    .todo = 请出示证件，工作人员会为您处理
staff-reason-kiosk_problem = 本机遇到问题，与您无关
    .todo = 请由工作人员协助，通常只需一分钟

## 工作人员登录
sign-in-title = 工作人员登录
sign-in-number = 工号
sign-in-pin = PIN 码
sign-in = 登录
sign-in-backspace = 删除
sign-in-problem-wrong = 工号或 PIN 码不正确
    .todo = 请重新输入，还可尝试 { $left } 次
sign-in-problem-unavailable = 暂时无法验证
    .todo = 请呼叫技术人员
sign-in-problem-locked = 已暂时锁定
    .todo = 请在 { $time } 后重试，或联系主管

## 工作人员核验
review-title = 工号 { $staff }
review-name = 登记姓名
review-no-name = 未识别证件
review-photo = 登记照片
review-no-photo = 没有照片
review-used-at = 已于 { $time } 签到
review-admit = 放行
review-deny = 拒绝入场
review-end-visit = 结束本次
review-sign-out = 退出登录
review-reasons = 拒绝原因（先选择）
review-not-yours = 访客由值守人员或主管接待
    .todo = 您在此看不到访客的信息。请退出登录，并请他们前来
review-may-not-admit = 本机不能为此证件放行
    .todo = 请改用人工通道办理，或结束本次
review-guardian-open = 监护人
review-guardian = 监护人同意人脸比对
    .todo = 请与监护人一起阅读说明，查看一份证件，确认监护人身份。不要记录任何号码。
review-guardian-proofs = 已查看的证件
review-guardian-proof-identity_card = 身份证
review-guardian-proof-passport = 护照
review-guardian-proof-household_register = 户口簿
review-guardian-proof-birth_certificate = 出生医学证明
review-guardian-proof-guardianship_order = 监护关系文书
review-guardian-agree = 记录同意
review-guardian-agreed = 已记录监护人同意
    .todo = 监护人提出后立即删除，连同据此作出的选择。
review-guardian-revoke = 删除同意
staff-detail-other_way = 访客选择人工核验
    .todo = 对照本人、照片与证件后放行
staff-detail-asked_for_staff = 请求工作人员协助
    .todo = 询问需要什么帮助
staff-detail-non_match = 与登记照片不一致
    .todo = 请仔细对照本人与照片，必要时查看身份证件
staff-detail-poor_samples = 没有拍到足够清晰的画面
    .todo = 对照本人与照片后放行
staff-detail-suspected_attack = 画面异常，请仔细查看
    .todo = 请确认本人在场，当面核对身份证件
staff-detail-reference_unusable = 登记照片缺失或无法使用
    .todo = 请查看身份证件，提醒访客更新照片
staff-detail-camera_unavailable = 摄像头无法打开
    .todo = 人工核验，并通知技术人员
staff-detail-camera_lost = 拍摄时摄像头断开
    .todo = 人工核验，并通知技术人员
staff-detail-worker_failed = 核验程序意外结束
    .todo = 人工核验，并通知技术人员
staff-detail-face_lane_closed = 本机未开放人脸核验
    .todo = 对照本人与照片后放行
staff-detail-under_age = 未满 14 周岁，没有监护人同意记录
    .todo = 请与监护人一同人工核验
staff-detail-timed_out = 操作超时
    .todo = 询问是否需要帮助，再人工核验
staff-detail-code_unknown = 名册中没有此编号
    .todo = 核对证件，请到服务台查询报名信息
staff-detail-code_malformed = 证件编号无法读取
    .todo = 请重新扫描，或到服务台换发证件
staff-detail-code_already_used = 此证件已签到
    .todo = 确认是否本人再次入场
staff-detail-code_expired = 证件已过有效期
    .todo = 请到服务台办理
staff-detail-code_not_yet_valid = 证件尚未生效
    .todo = 查看证件日期，请访客届时再来
staff-detail-code_blocked = 证件已被主办方停用
    .todo = 请联系主管处理
staff-detail-gate_failed = 闸机没有响应
    .todo = 检查闸机，必要时手动开启
staff-detail-record_failed = 签到未能写入
    .todo = 请勿放行两次，通知技术人员
staff-detail-after_fault = 本机刚从故障中恢复
    .todo = 人工核验，并通知技术人员
denial-reason-not_the_holder = 并非登记本人
    .todo = 服务台可为您查询本人的报名信息
denial-reason-badge_not_valid = 证件不适用于本次入场
    .todo = 服务台可为您查询有效证件
denial-reason-identity_not_shown = 未能出示身份证明
    .todo = 请携带有效身份证件再来
denial-reason-house_rules = 依据现场管理规定
    .todo = 服务台可为您说明相关规定

## 技术人员
technician-open = 技术信息
technician-close = 返回核验
technician-trouble = 待处理
technician-version = 版本
technician-data-dir = 数据目录
technician-face-lane = 人脸通道
technician-camera = 摄像头
technician-roster = 名册
technician-outbox = 待上传签到
technician-refused = 未被接受 { $records } 条
technician-quarantined = 已隔离 { $records } 条
technician-link = 报名平台
technician-link-none = 未连接
technician-link-connected = 已连接
technician-link-lost = 无应答；数据不会丢失
technician-link-revoked = 账户已被撤销：请重新连接本机
technician-retention = 依法留存
technician-retention-off = 未开启
technician-retention-on = 已开启
technician-retention-lapsed = 已停用：条款有变
technician-evidence = 现存加密记录 { $records } 份
technician-incidents = 最近故障
technician-fine = 正常
technician-none = 无

## 未放行
denied-title = 抱歉，本次未能入场
denied-by-person = 此决定由现场工作人员作出，并非由机器作出。
denied-turn-to = 如有疑问，请前往右侧服务台
denied-reason = 原因：{ $reason }

## 已停止
farewell-title = 已停止，人脸数据已清除
farewell-todo = 摄像头已关闭，拍摄内容未作保留
farewell-start = 下一位访客

## 故障
fault-title = 本机暂停服务
fault-todo = 请前往右侧服务台，由工作人员为您签到
fault-code-store = 数据存储故障
    .todo = 技术人员：检查数据目录与密钥
fault-code-no_roster = 尚未导入名册
    .todo = 技术人员：请导入名册
fault-code-internal = 程序内部故障
    .todo = 技术人员：请查看日志
fault-incident = 编号 { $incident }
ui-error-not_now = 现在不能进行此操作
    .todo = 请按屏幕上的提示继续
ui-error-stopped = 本机暂停服务
    .todo = 请由工作人员为您签到

## 需要技术人员处理的问题，只在工作人员界面显示
trouble-disk_full = 本机磁盘已满，入场记录无法写入
    .todo = 请人工放行，并通知技术人员
    .fix = 请清理磁盘空间，本机会自行恢复。
trouble-disk_read_only = 本机磁盘无法写入，入场记录无法写入
    .todo = 请人工放行，并通知技术人员
    .fix = 请以可写方式挂载或更换磁盘，本机会自行恢复。
trouble-disk = 本机磁盘工作不正常
    .todo = 请通知技术人员
    .fix = 请查看系统日志并更换磁盘。
trouble-database_damaged = 本机数据库部分损坏
    .todo = 请人工接待，并通知技术人员
    .fix = 请移走 postern.db 及其 -wal 文件，重新导入名单；未上传的入场记录在旧文件中。
trouble-database = 本机数据库无法打开
    .todo = 请人工接待，并通知技术人员
    .fix = 原因见故障记录，本机每隔几秒重试。
trouble-clock_behind = 系统时钟有误，本机改用自己的计时
    .todo = 空闲时请通知技术人员
    .fix = 请校准时钟；如果有误的是本机计时，请运行 postern clock --accept。
trouble-clock_ahead = 系统时钟向前跳了一天以上
    .todo = 请通知技术人员
    .fix = 如属误设，请校准时钟并运行 postern clock --accept。
trouble-audit_log = 本机的审计日志被改动过
    .todo = 空闲时请通知技术人员
    .fix = 请保持数据文件夹原样，结束本机程序后运行 postern audit verify，并告知个人信息保护负责人。
