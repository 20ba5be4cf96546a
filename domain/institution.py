"""Institutions and the alliances they belong to."""

from __future__ import annotations

from enum import StrEnum


class Tier(StrEnum):
    """Where an institution stands. `alliance` and `district` are the two aggregate units facts may be about."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    LEAD = "lead"
    TOWNSHIP = "township"
    COMMUNITY = "community"
    VILLAGE = "village"
    ALLIANCE = "alliance"
    DISTRICT = "district"

    @property
    def chinese(self) -> str:
        """The Chinese term."""
        return TIER_TITLES[self]

    @property
    def grassroots(self) -> bool:
        """Whether units of this tier are 基层医疗卫生机构."""
        return self in GRASSROOTS


TIER_TITLES = {
    Tier.PROVINCE: "省级医院",
    Tier.CITY: "市级医院",
    Tier.COUNTY: "县级医院",
    Tier.LEAD: "牵头医院",
    Tier.TOWNSHIP: "乡镇卫生院",
    Tier.COMMUNITY: "社区卫生服务中心",
    Tier.VILLAGE: "村卫生室",
    Tier.ALLIANCE: "医联体",
    Tier.DISTRICT: "区域",
}
GRASSROOTS = frozenset({Tier.TOWNSHIP, Tier.COMMUNITY, Tier.VILLAGE})


class Form(StrEnum):
    """What kind of alliance it is. One institution may stand in alliances of several forms at the same time."""

    PROVINCIAL = "provincial"
    MUNICIPAL = "municipal"
    COUNTY = "county"
    SPECIALTY = "specialty"
    TELEMEDICINE = "telemedicine"

    @property
    def chinese(self) -> str:
        """The Chinese term."""
        return FORM_TITLES[self]

    @property
    def exclusive(self) -> bool:
        """Whether an institution belongs to one alliance of this form at a time."""
        return self not in {Form.SPECIALTY, Form.TELEMEDICINE}


FORM_TITLES = {
    Form.PROVINCIAL: "省级医联体",
    Form.MUNICIPAL: "市级医联体",
    Form.COUNTY: "县（区）级医疗共同体",
    Form.SPECIALTY: "专科医联体",
    Form.TELEMEDICINE: "远程医疗协作网",
}


class Ownership(StrEnum):
    """Who runs an institution; only public ones have an approved 绩效工资总量."""

    PUBLIC = "public"
    COLLECTIVE = "collective"
    PRIVATE = "private"

    @property
    def chinese(self) -> str:
        """The Chinese term."""
        return {"public": "公立", "collective": "集体", "private": "民办"}[self.value]
