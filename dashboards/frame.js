// The names that Streamlit gives its own frame are English: said in Chinese to screen readers.
// What is visible is put right in style.css; nothing here reads or writes data.
(() => {
  const NAMES = {
    "Sidebar": "侧栏", "App pages": "页面菜单", "Main menu": "菜单", "Logo": "三型", "Navigate to home page": "回到首页",
    "Collapse sidebar": "收起侧栏", "Expand sidebar": "展开侧栏", "Skip to main content": "跳到正文",
    "Open": "展开选项", "Close": "关闭", "Clear all": "全部清除", "Clear value": "清空", "Selected values": "已选",
    "Choose an option": "请选择", "Increment": "增加", "Decrement": "减少",
    "Pagination": "翻页", "Previous page": "上一页", "Next page": "下一页",
    "Scroll tabs left": "向左看其他栏", "Scroll tabs right": "向右看其他栏",
    "Add files": "换一个文件", "file upload": "要上传的文件", "Running...": "正在处理",
  };
  const PATTERNS = [[/^Page (\d+)$/, "第$1页"], [/^Remove (.+)$/, "去掉$1"], [/^Upload (.+)$/, "上传$1"]];
  const ATTRIBUTES = ["aria-label", "placeholder", "alt", "title"];
  const chinese = (text) => {
    if (text in NAMES) return NAMES[text];
    const known = PATTERNS.find(([pattern]) => pattern.test(text));
    return known ? text.replace(...known) : text;
  };
  const name = (element) => {
    // only where it differs: each attribute that is set is looked at again
    const skip = NAMES["Skip to main content"];
    if (element.dataset.testid === "stSkipToContent" && element.getAttribute("aria-label") !== skip) element.setAttribute("aria-label", skip);
    for (const attribute of ATTRIBUTES) {
      const text = element.getAttribute(attribute);
      const said = text && chinese(text);
      if (said && said !== text) element.setAttribute(attribute, said);
    }
  };
  const nameAll = (root) => {
    if (root.nodeType !== Node.ELEMENT_NODE) return;
    name(root);
    root.querySelectorAll([...ATTRIBUTES.map((attribute) => `[${attribute}]`), "[data-testid=stSkipToContent]"].join()).forEach(name);
  };
  nameAll(document.body);
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "attributes") name(change.target);
      else change.addedNodes.forEach(nameAll);
    }
  }).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ATTRIBUTES });
})();
