import pytest

from foundation.residents.names import initials_of, mask_name, normalize_name


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("王秀兰", "wxl"),
        ("吕不韦", "lbw"),
        ("安宁", "an"),
        # Surnames read otherwise than the same character elsewhere.
        ("单田芳", "stf"),
        ("仇和", "qh"),
        ("解小东", "xxd"),
        ("曾国藩", "zgf"),
        ("查良镛", "zly"),
        ("区志航", "ozh"),
        ("朴正阳", "pzy"),
        ("覃坤", "qk"),
        ("翟天明", "ztm"),
        ("任长霞", "rcx"),
        # The same characters inside a given name keep their usual reading.
        ("王解放", "wjf"),
        ("李单", "ld"),
        # Surnames of two characters.
        ("欧阳修", "oyx"),
        ("尉迟恭", "ycg"),
        ("万俟卨", "mqx"),
        ("单于明", "cym"),
        ("长孙无忌", "zswj"),
        ("司马光", "smg"),
        # Names in parts, and names in letters.
        ("阿依古丽·买买提", "ayglmmt"),
        ("曾格·解放", "cgjf"),
        ("John Smith", "js"),
        ("Émile Zola", "ez"),
        ("李 John", "lj"),
        ("O'Brien", "ob"),
        ("王女士", "wns"),
        ("12", ""),
    ],
)
def test_initials_are_what_a_receptionist_would_type(name: str, initials: str):
    assert initials_of(name) == initials


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  王 秀兰 ", "王 秀兰"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽 ・ 买买提", "阿依古丽·买买提"),
        ("Ｊｏｈｎ　Ｓｍｉｔｈ", "John Smith"),
        ("王\u200b秀\x00兰\n", "王秀兰"),
    ],
)
def test_a_name_is_kept_in_one_spelling(typed: str, kept: str):
    assert normalize_name(typed) == kept


@pytest.mark.parametrize(
    ("name", "sex", "shown"),
    [
        ("王秀兰", "female", "Ms 王"),
        ("王建国", "male", "Mr 王"),
        ("王秀兰", "", "王**"),
        ("王兰", "", "王**"),
        ("欧阳娜娜", "female", "Ms 欧阳"),
        ("欧阳娜娜", "", "欧阳**"),
        # What stands first in such a name is the given name: with Ms it would be the whole address.
        ("阿依古丽·买买提", "female", "阿**"),
        ("John Smith", "male", "J**"),
    ],
)
def test_a_masked_name_shows_the_surname_and_not_the_length(name: str, sex: str, shown: str):
    assert mask_name(name, sex=sex) == shown
