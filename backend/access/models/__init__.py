from backend.access.models.member import ApiToken, Invitation, Member, MemberKind, Role

__all__ = ["ApiToken", "Invitation", "Member", "MemberKind", "Role"]
