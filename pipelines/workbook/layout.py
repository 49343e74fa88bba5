"""The fixed words of the workbook: sheet names, heads and cover labels, that the writer puts down and the reader looks for."""

COVER = "封面"
LEDGER = "支部台账"
DIMENSION_SHEETS = {
    "learning": "学习型",
    "service": "服务型",
    "innovation": "创新型",
    "leadership": "组织领导",
}

# The cover: labels in one column, values in the next.
UNIT_CODE = "单位代码"
UNIT_NAME = "单位名称"
PERIOD = "报告期"
REPORTING_UNIT = "填报单位"  # with the period on top of every sheet but the cover
TEMPLATE_VERSION = "模板版本"
CATALOGUE_VERSION = "指标目录版本"
COVER_LABELS = (UNIT_CODE, UNIT_NAME, PERIOD, TEMPLATE_VERSION, CATALOGUE_VERSION)
# Labels of what stands beside each of these; it is for the clerk only, and not read.
UNIT_CATEGORY, BRANCH_COUNT, PERIOD_NAME, DUE, SAVE_AS = (
    "单位类别",
    "支部数",
    "报告期名称",
    "报送截止",
    "报送文件",
)
COVER_LABELS_BESIDE = (UNIT_CATEGORY, BRANCH_COUNT, PERIOD_NAME, DUE, SAVE_AS)

# What the ledger's questions mean, for reading and printing; it holds no input and no answers are looked for on it.
NOTES = "指标解释"
SHEETS = (COVER, *DIMENSION_SHEETS.values(), LEDGER)
# The first sheets of a returned workbook (pipelines/returned): 问题清单, 问题清单2 … What stands on them is our own.
RETURNED_LIST = "问题清单"


def is_read(name: str) -> bool:
    """Whether answers may be looked for on a sheet of this name."""
    return name != NOTES and not name.startswith(RETURNED_LIST)


# Heads of a dimension's sheet, in order.
CODE, LABEL, UNIT_OF_MEASURE, CURRENT, PREVIOUS, HINT, EXPLANATION = (
    "代码", "指标名称", "计量单位", "本期", "上期", "填报说明", "情况说明",
)  # fmt: skip
FORM_HEADS = (CODE, LABEL, UNIT_OF_MEASURE, CURRENT, PREVIOUS, HINT, EXPLANATION)

# Fixed columns of the ledger; the questions' codes stand in the same row as these (the code row).
BRANCH_CODE, BRANCH_NAME, BRANCH_CATEGORY = "支部代码", "支部名称", "支部类别"
NOT_ASKED = "—"  # stands, locked, where a question is not asked of a branch

SYNTHETIC = "示例数据"
