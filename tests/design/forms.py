"""A form with one of everything."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Field, Layout, Submit
from django import forms


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class RegisterForm(forms.Form):
    submission_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label="姓名或电话", max_length=40, help_text="输入姓名、拼音首字母或电话后四位")
    age = forms.IntegerField(label="年龄", required=False, min_value=0)
    email = forms.EmailField(label="电子邮箱", required=False)
    matter = forms.CharField(
        label="反映的问题", widget=forms.Textarea, help_text="请把时间、地点、已经找过谁写清楚；照片可直接粘贴"
    )
    nature = forms.ChoiceField(
        label="诉求类型",
        widget=forms.RadioSelect,
        choices=[("consultation", "咨询"), ("request", "求助"), ("complaint", "投诉"), ("suggestion", "建议")],
    )
    category = forms.ChoiceField(
        label="类别", choices=[("", "—"), ("1", "物业 · 房屋维修")], help_text="以往 23 件相近的"
    )
    halls = forms.MultipleChoiceField(
        label="协办", required=False, widget=forms.CheckboxSelectMultiple, choices=[("1", "物业部"), ("2", "消防站")]
    )
    hidden_identity = forms.BooleanField(label="隐名", required=False, help_text="只有负责人和调查人知道是谁")
    photos = forms.FileField(label="照片和文件", required=False, widget=ManyFiles(attrs={"data-max-files": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.attrs = {"data-draft": "register"}
        self.helper.layout = Layout(
            "submission_key",
            Div("name", "age", "email", css_class="g3"),
            "matter",
            Div(Field("nature"), "category", "halls", css_class="g3"),
            "hidden_identity",
            "photos",
            HTML('<hr class="form-rule">'),
            Div(
                Submit("transfer", "转办给 物业部", data_shortcut="Ctrl+Enter"),
                HTML('<button type="submit" class="btn" name="answer" data-shortcut="Ctrl+D">当场办结</button>'),
                css_class="actions",
            ),
        )


class InformForm(forms.Form):
    signature_mode = forms.ChoiceField(
        label="签字",
        widget=forms.RadioSelect,
        choices=[("tablet", "屏幕上签"), ("paper", "纸上签"), ("none", "没有签字")],
    )
    signature = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(label="没有签字的原因", required=False)
