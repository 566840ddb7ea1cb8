"""Access: members of the company and of its partners, their roles and rights, API tokens, invitations.

Owns: Member, Role, ApiToken, Invitation and the catalogue of permission codes. Publishes:
MemberInvited, MemberJoined, MemberDeactivated, MemberReactivated. Calls: parties, kernel. A member holds the id of an
identity as a plain value: nothing here refers outside the company's schema.
"""
