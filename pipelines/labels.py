"""Chinese and English names of the marts' enumerations; those of the catalogue (kinds, dimensions) are declared there.

And what pages and exported files say of synthetic data.
"""

Labels = list[tuple[str, str, str]]

SYNTHETIC_PAGE = "示例数据：页面上的单位和数字均为虚构，只用于演示。"
SYNTHETIC_FILE = "示例数据：单位和数据均为虚构"

ENUMERATIONS: dict[str, Labels] = {
    "status": [
        ("met", "达标", "Met"),
        ("not_met", "未达标", "Not met"),
        ("on_pace", "进度正常", "On pace"),
        ("behind", "进度滞后", "Behind"),
        ("not_due", "未到填报期", "Not due"),
        ("not_applicable", "不适用", "Not applicable"),
        ("not_calculable", "无法计算", "Cannot be calculated"),
    ],
    "state": [
        ("received", "已接收", "Received"),
        ("returned", "已退回", "Returned"),
        ("accepted", "已采用", "Accepted"),
        ("superseded", "已被替换", "Superseded"),
        ("refused", "未能受理", "Refused"),
        ("not_reported", "未报送", "Not reported"),
    ],
    "owes": [
        ("report", "未报送", "Has not reported"),
        ("replacement", "未能受理", "Every file was refused"),
        ("correction", "待改正", "Cells to correct"),
        ("explanation", "待说明", "Explanations owed"),
        ("not_due", "尚未截止", "Not due yet"),
        ("nothing", "无", "Nothing"),
    ],
    "lacking": [
        ("not_reported", "未报送", "Not reported"),
        ("missing", "漏填", "Missing"),
        ("blocked", "有误未改", "Blocked"),
        ("unexplained", "待说明", "Unexplained"),
    ],
    "form": [("own", "本级表", "Own form"), ("ledger", "支部台账", "Branch ledger")],
    "feeds": [
        ("standard", "有标准的指标", "An indicator with a standard"),
        ("indicator", "不设标准的指标", "An indicator without a standard"),
        ("rule", "只用于核对", "Only a rule"),
        ("explanation", "只用于佐证", "An explanation"),
    ],
    "severity": [("block", "强制", "Block"), ("explain", "核实", "Explain"), ("inform", "提示", "Inform")],
    "against": [("own_history", "本单位历史", "Own history"), ("peers", "同类单位", "Peers")],
    "flag_kind": [
        ("performance", "绩效", "Performance"),
        ("trend", "趋势", "Trend"),
        ("peer", "同类比较", "Peer"),
        ("reporting", "报送", "Reporting"),
        ("quality", "数据质量", "Quality"),
        ("pattern", "填报规律", "Pattern"),
    ],
    "closing": [
        ("met", "已达标", "Met now"),
        ("on_pace", "进度已跟上", "On pace now"),
        ("no_standard", "标准已不再执行", "The standard holds no longer"),
        ("steady", "已回到自身正常波动范围", "Back within its own limits"),
        ("among_peers", "已回到同类正常范围", "Back among its peers"),
        ("submitted", "其后一期已按时报送", "The next was submitted in time"),
        ("corrected", "该期报表已改正", "Corrected in a later version"),
        ("explained", "该期报表已说明", "Explained in a later version"),
        ("locked", "该期已锁定，补报、更正须先批准例外", "The quarter is locked"),
        ("nothing_to_ask", "没有新的疑点", "Nothing new to ask"),
        ("left", "单位或支部已撤销", "Left the registry"),
    ],
    "sign_test": [
        ("poisson_binomial", "标准线两侧人数的精确检验", "Exact test beside the standard"),
        ("other_unit", "与其他单位各行比较", "Against rows of other units"),
        ("last_period", "与本支部上期比较", "Against the branch's last quarter"),
        ("exact_dispersion", "各月变化的精确检验", "Exact dispersion test"),
        ("last_digit", "末位数字检验", "Test of last digits"),
    ],
    "level": [("red", "红色", "Red"), ("amber", "橙色", "Amber"), ("watch", "关注", "Watch")],
    "gate": [
        ("in_registry", "年末在册", "In the registry at the year's end"),
        ("missing_quarters", "报表采用", "Quarters reported"),
        ("late_quarters", "按时报送", "On time"),
        ("red_flags", "绩效预警", "Red performance flags"),
        ("quality", "数据质量", "Data quality"),
        ("coverage", "指标可计算比例", "Coverage"),
        ("years_of_record", "完整报送年度", "Years of record"),
        ("least_score", "最低总分", "Least total"),
        ("scored", "可以计分", "Has a score"),
    ],
    "direction": [("higher", "越高越好", "Higher is better"), ("lower", "越低越好", "Lower is better")],
    "rollup": [
        ("ratio_of_sums", "合计数相除", "Ratio of sums"),
        ("share_meeting", "达标单位占比", "Share of units that meet"),
    ],
    "compare": [
        ("at_least", "不低于", "At least"),
        ("above", "大于", "Above"),
        ("at_most", "不高于", "At most"),
    ],
    "group_kind": [
        ("province", "全省", "Province"),
        ("city", "设区市", "City"),
        ("kind", "单位类别", "Kind of unit"),
    ],
    "signal": [
        ("none", "正常波动", "Common variation"),
        ("astronomical", "异常点", "Outside the limits"),
        ("shift", "连续偏移", "Shift"),
        ("trend", "持续升降", "Trend"),
        ("two_of_three", "三点中两点接近界限", "Two of three near a limit"),
        ("too_few_points", "点数不足，暂不判断", "Too few points"),
    ],
    "time_grain": [("month", "月", "Month"), ("quarter", "季", "Quarter"), ("year", "年", "Year")],
    "signal_side": [("high", "偏高或上升", "High or rising"), ("low", "偏低或下降", "Low or falling")],
    "assurance": [
        ("consistent_pass", "可稳定达标", "Consistently meets the standard"),
        ("consistent_fail", "难以达标", "Consistently misses the standard"),
        ("inconsistent", "不能保证达标", "May or may not meet the standard"),
    ],
    "peer_position": [
        ("below_998", "明显低于同类", "Below the 99.8% limit"),
        ("below_95", "低于同类", "Below the 95% limit"),
        ("inside", "与同类相当", "Inside the limits"),
        ("above_95", "高于同类", "Above the 95% limit"),
        ("above_998", "明显高于同类", "Above the 99.8% limit"),
    ],
    "asked": [
        ("quarterly", "每季", "Quarterly"),
        ("semester", "每半年", "Each semester"),
        ("yearly", "每年", "Yearly"),
    ],
    "per": [("month", "每月", "Month"), ("semester", "每学期", "Semester"), ("year", "每年", "Year")],
    "clause_kind": [
        ("threshold", "数值标准", "Threshold"),
        ("coverage", "覆盖率", "Coverage"),
        ("checklist", "清单", "Checklist"),
        ("volume", "数量", "Volume"),
        ("survey", "测评", "Survey"),
        ("process", "系统履行", "Process"),
    ],
}
