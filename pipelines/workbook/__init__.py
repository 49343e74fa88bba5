"""The workbook that units fill: its layout, and the writer. Reading one back is intake's."""
